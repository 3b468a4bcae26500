"""Live detection: from a camera or a stream to a window, a browser or a file."""
from mmstep.video.live_source import LiveSource
from mmstep.video.stream_source import parse_address
from .display_size import display_size
from .label_hold import LabelHold
from .label_names import read_label_names
from .loop import show_live, stop_on_signals
from .mjpeg_server import MjpegServer
from .playback import Playback
from .session import LiveSession, LiveStats
from .sinks import OpenCVWindow, PacedWriter, TkWindow, open_window

__all__ = [
    'LabelHold', 'LiveSession', 'LiveSource', 'LiveStats', 'MjpegServer', 'OpenCVWindow', 'PacedWriter', 'Playback',
    'TkWindow', 'display_size', 'open_window', 'parse_address', 'read_label_names', 'show_live', 'stop_on_signals'
]
