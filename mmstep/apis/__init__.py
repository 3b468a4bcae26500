"""For users' own videos: from a config and a checkpoint to detections along a video file."""
from .config_reading import WindowLayout, class_names, window_layout
from .detection_log import DetectionLog
from .detections import Detection, KeyFrame, group_rows, to_detections
from .errors import VideoError
from .init_detector import init_detector
from .painter import VideoPainter, paint_strip
from .person_matcher import PersonMatcher
from .timeline import persons_at
from .video_inference import detect_video, key_times
from .video_reader import VideoSource
from .video_writer import VideoWriter

__all__ = [
    'Detection', 'DetectionLog', 'KeyFrame', 'PersonMatcher', 'VideoError', 'VideoPainter', 'VideoSource',
    'VideoWriter', 'WindowLayout', 'class_names', 'detect_video', 'group_rows', 'init_detector', 'key_times',
    'paint_strip', 'persons_at', 'to_detections', 'window_layout'
]
