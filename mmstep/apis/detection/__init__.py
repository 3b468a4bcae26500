"""Detection along a video or a stream: windows, their preparation, the model."""
from .detect_video import detect_video, key_times, video_layout
from .frame_preparation import FramePreparation
from .streaming_detector import StreamingDetector
from .window_buffer import Window, WindowBuffer
from .window_layout import WindowLayout, window_layout
from .window_runner import WindowRunner

__all__ = [
    'FramePreparation', 'StreamingDetector', 'Window', 'WindowBuffer', 'WindowLayout', 'WindowRunner', 'detect_video',
    'key_times', 'video_layout', 'window_layout'
]
