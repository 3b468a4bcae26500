"""Files of annotations and detections."""
from .ava_csv_detections import read_ava_detections
from .compact_windows import StoredWindows, compact_window, expand_window, write_windows
from .dumps import ava_detections_of_dump, check_windows_of_dump, read_dump, tubelets_of_dump
from .tubes_npz import read_detections_npz, read_truth_npz, write_npz

__all__ = [
    'StoredWindows', 'ava_detections_of_dump', 'check_windows_of_dump', 'compact_window', 'expand_window',
    'read_ava_detections', 'read_detections_npz', 'read_dump', 'read_truth_npz', 'tubelets_of_dump', 'write_npz',
    'write_windows'
]
