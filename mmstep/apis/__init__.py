"""For users' own videos: from a config and a checkpoint to detections along a video file."""
from .array_source import ArraySource
from .config_reading import WindowLayout, class_ids, class_names, window_layout
from .contact_sheet import paint_contact_sheet
from .detection_log import DetectionLog
from .detections import Detection, KeyFrame, group_rows, to_detections
from .errors import VideoError
from .inferencer import STEPInferencer
from .init_detector import init_detector
from .model_zoo import find_model, list_models
from .painter import VideoPainter, paint_strip
from .person_matcher import PersonMatcher
from .person_tubes import PersonTubes
from .result_writers import write_result, write_results
from .results import VideoResult, empty_result, source_fields
from .sources import open_source
from .step_view import paint_steps, require_steps, trace_steps
from .stream_source import StreamSource, is_stream
from .streaming import StreamingDetector
from .thresholds import class_thresholds
from .timeline import persons_at
from .tracks import person_tracks
from .video_inference import detect_video, key_times, video_layout
from .video_reader import VideoSource
from .video_writer import VideoWriter

__all__ = [
    'ArraySource', 'Detection', 'DetectionLog', 'KeyFrame', 'PersonMatcher', 'PersonTubes', 'STEPInferencer',
    'StreamSource', 'StreamingDetector', 'VideoError', 'VideoPainter', 'VideoResult', 'VideoSource', 'VideoWriter',
    'WindowLayout', 'class_ids', 'class_names', 'class_thresholds', 'detect_video', 'empty_result', 'find_model',
    'group_rows', 'init_detector', 'is_stream', 'key_times', 'list_models', 'open_source', 'paint_contact_sheet',
    'paint_steps', 'paint_strip', 'person_tracks', 'persons_at', 'require_steps', 'source_fields', 'to_detections',
    'trace_steps', 'video_layout', 'window_layout', 'write_result', 'write_results'
]
