"""For users' own videos: from a config and a checkpoint to detections along a video file."""
import warnings

from mmstep.engine.model_zoo import find_model, list_models
from mmstep.errors import VideoError
from mmstep.video.array_source import ArraySource
from mmstep.video.sources import open_source
from mmstep.video.stream_source import StreamSource, is_stream
from mmstep.video.video_source import VideoSource
from mmstep.video.video_writer import VideoWriter
from .config_reading import class_ids, class_names
from .detection import StreamingDetector, WindowLayout, detect_video, key_times, video_layout, window_layout
from .drawing import VideoPainter, paint_contact_sheet, paint_run, paint_steps, paint_strip, require_steps, trace_steps
from .files import DetectionLog, write_result, write_results
from .inferencer import STEPInferencer
from .init_detector import init_detector
from .persons import (Detection, KeyFrame, PersonMatcher, PersonTubes, VideoResult, class_thresholds, empty_result,
                      group_boxes, person_tracks, persons_at, source_fields, to_detections)
from .video_run import VideoRun

__all__ = [
    'ArraySource', 'Detection', 'DetectionLog', 'KeyFrame', 'PersonMatcher', 'PersonTubes', 'STEPInferencer',
    'StreamSource', 'StreamingDetector', 'VideoError', 'VideoPainter', 'VideoResult', 'VideoRun', 'VideoSource',
    'VideoWriter', 'WindowLayout', 'class_ids', 'class_names', 'class_thresholds', 'detect_video', 'empty_result',
    'find_model', 'group_boxes', 'init_detector', 'is_stream', 'key_times', 'list_models', 'open_source',
    'paint_contact_sheet', 'paint_run', 'paint_steps', 'paint_strip', 'person_tracks', 'persons_at', 'require_steps',
    'source_fields', 'to_detections', 'trace_steps', 'video_layout', 'window_layout', 'write_result', 'write_results'
]


def __getattr__(name: str) -> object:
    if name == 'group_rows':
        warnings.warn('mmstep.apis.group_rows is called group_boxes now', DeprecationWarning, stacklevel=2)
        return group_boxes
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
