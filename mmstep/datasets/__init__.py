"""Data sets and transforms."""
from .ava_csv import AVARow, read_annotations, read_excluded, read_label_map
from .ava_window_dataset import AVAWindowDataset, window_seconds
from .safe_pickle import load_pickle
from .transforms import *  # noqa: F401,F403
from .transforms import __all__ as _transforms

__all__ = [
    'AVARow', 'AVAWindowDataset', 'load_pickle', 'read_annotations', 'read_excluded', 'read_label_map',
    'window_seconds', *_transforms
]
