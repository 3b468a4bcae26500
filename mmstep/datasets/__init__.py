"""Data sets and transforms."""
from .ava_csv import AVARow, read_annotations, read_excluded, read_label_map
from .ava_window_dataset import AVAWindowDataset, window_seconds
from .jhmdb_dataset import JHMDBDataset
from .safe_pickle import load_pickle
from .subsets import select_videos, write_tube_annotations
from .transforms import *  # noqa: F401,F403
from .transforms import __all__ as _transforms
from .tube_annotations import read_tube_annotations
from .tube_window_dataset import TubeWindowDataset
from .ucf101_24_dataset import UCF101_24Dataset

__all__ = [
    'AVARow', 'AVAWindowDataset', 'JHMDBDataset', 'TubeWindowDataset', 'UCF101_24Dataset', 'load_pickle',
    'read_annotations', 'read_excluded', 'read_label_map', 'read_tube_annotations', 'select_videos', 'window_seconds',
    'write_tube_annotations', *_transforms
]
