"""For users' own videos: from a config and a checkpoint to detections along a video file."""
from mmstep.errors import VideoError
from mmstep.video.array_source import ArraySource
from mmstep.video.sources import open_source
from mmstep.video.stream_source import StreamSource, is_stream
from mmstep.video.video_source import VideoSource
from mmstep.video.video_writer import VideoWriter
from .config_reading import class_ids, class_names
from .detection.detect_video import detect_video, key_times, video_layout
from .detection.streaming_detector import StreamingDetector
from .detection.window_layout import WindowLayout, window_layout
from .drawing.contact_sheet import paint_contact_sheet
from .drawing.step_view import paint_steps, require_steps, trace_steps
from .drawing.video_painter import VideoPainter, paint_strip
from .files.detection_log import DetectionLog
from .files.result_writers import write_result, write_results
from .inferencer import STEPInferencer
from .init_detector import init_detector
from .model_zoo import find_model, list_models
from .persons.detections import Detection, KeyFrame, group_rows, to_detections
from .persons.interpolation import persons_at
from .persons.person_matcher import PersonMatcher
from .persons.person_tubes import PersonTubes
from .persons.score_thresholds import class_thresholds
from .persons.tracks import person_tracks
from .persons.video_result import VideoResult, empty_result, source_fields

__all__ = [
    'ArraySource', 'Detection', 'DetectionLog', 'KeyFrame', 'PersonMatcher', 'PersonTubes', 'STEPInferencer',
    'StreamSource', 'StreamingDetector', 'VideoError', 'VideoPainter', 'VideoResult', 'VideoSource', 'VideoWriter',
    'WindowLayout', 'class_ids', 'class_names', 'class_thresholds', 'detect_video', 'empty_result', 'find_model',
    'group_rows', 'init_detector', 'is_stream', 'key_times', 'list_models', 'open_source', 'paint_contact_sheet',
    'paint_steps', 'paint_strip', 'person_tracks', 'persons_at', 'require_steps', 'source_fields', 'to_detections',
    'trace_steps', 'video_layout', 'window_layout', 'write_result', 'write_results'
]
