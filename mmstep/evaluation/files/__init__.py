"""Files of annotations and detections."""
from .ava_csv_detections import read_ava_detections
from .dumps import ava_detections_of_dump, check_windows_of_dump, read_dump, tubelets_of_dump
from .tubes_npz import read_detections_npz, read_truth_npz, write_npz

__all__ = [
    'ava_detections_of_dump', 'check_windows_of_dump', 'read_ava_detections', 'read_detections_npz', 'read_dump',
    'read_truth_npz', 'tubelets_of_dump', 'write_npz'
]
