"""Parts of data sets: some videos of one of tubes, some key seconds of AVA."""
from .key_second_subset import KeySecondSubset
from .tube_subset import select_videos, write_tube_annotations

__all__ = ['KeySecondSubset', 'select_videos', 'write_tube_annotations']
