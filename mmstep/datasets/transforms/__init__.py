"""Transforms of windows and their tubes."""
from .augment import TubePhotoMetricDistortion, TubeRandomCrop, TubeRandomErasing, TubeRandomShift
from .clip_sampling import SampleClipWindow
from .flow import FlowFramesDecode, TubeFlip, TubeResize
from .formatting import KeyFrameBoxes, PackTubeInputs
from .loading import DecordWindowDecode, DecordWindowInit, WindowDecode, WindowInit
from .sampling import SampleTubeWindow

__all__ = [
    'DecordWindowDecode', 'DecordWindowInit', 'FlowFramesDecode', 'KeyFrameBoxes', 'PackTubeInputs',
    'SampleClipWindow', 'SampleTubeWindow', 'TubeFlip', 'TubePhotoMetricDistortion', 'TubeRandomCrop',
    'TubeRandomErasing', 'TubeRandomShift', 'TubeResize', 'WindowDecode', 'WindowInit'
]
