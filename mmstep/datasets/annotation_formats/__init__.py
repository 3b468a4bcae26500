"""Annotation files of other programs: tracks of persons, and what our data sets read."""
from .annotated_tracks import AnnotatedTrack, AnnotatedVideo, KeyBox, classes_of, fill_frames
from .ava import ava_lines, key_frames, read_ava, write_ava, write_label_map
from .cvat import read_cvat, write_cvat
from .label_studio import read_label_studio
from .mot import read_coco_video, read_mot
from .own_csv import (classes_of_rows, in_pixels, is_tube_csv, lines_of_rows, read_action_csv, read_action_rows,
                      read_tube_csv)
from .reading import VideoFolder, actions_of
from .results import read_result
from .tubes import tubes_of
from .via import read_via
from .yowo import read_yowo

__all__ = [
    'AnnotatedTrack', 'AnnotatedVideo', 'KeyBox', 'VideoFolder', 'actions_of', 'ava_lines', 'classes_of',
    'classes_of_rows', 'fill_frames', 'in_pixels', 'is_tube_csv', 'key_frames', 'lines_of_rows', 'read_action_csv',
    'read_action_rows', 'read_ava', 'read_coco_video', 'read_cvat', 'read_label_studio', 'read_mot', 'read_result',
    'read_tube_csv', 'read_via', 'read_yowo', 'tubes_of', 'write_ava', 'write_cvat', 'write_label_map'
]
