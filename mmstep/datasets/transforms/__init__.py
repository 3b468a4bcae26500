"""Transforms of windows and their tubes."""
from .augment import TubePhotoMetricDistortion, TubeRandomCrop, TubeRandomErasing, TubeRandomShift
from .formatting import PackTubeInputs
from .loading import DecordWindowDecode, DecordWindowInit, open_video
from .sampling import SampleTubeWindow

__all__ = [
    'DecordWindowDecode', 'DecordWindowInit', 'PackTubeInputs', 'SampleTubeWindow', 'TubePhotoMetricDistortion',
    'TubeRandomCrop', 'TubeRandomErasing', 'TubeRandomShift', 'open_video'
]
