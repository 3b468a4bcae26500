"""Live detection: from a camera or a stream to a window, a browser or a file."""
from .backoff import Backoff
from .capture import LiveCapture, open_capture, parse_address
from .display_size import display_size
from .label_hold import LabelHold
from .label_names import read_label_names
from .loop import show_live, stop_on_signals
from .mjpeg_server import MjpegServer
from .playback import Playback
from .session import LiveSession, LiveStats
from .sinks import OpenCVWindow, PacedWriter, TkWindow, open_window

__all__ = [
    'Backoff', 'LabelHold', 'LiveCapture', 'LiveSession', 'LiveStats', 'MjpegServer', 'OpenCVWindow', 'PacedWriter',
    'Playback', 'TkWindow', 'display_size', 'open_capture', 'open_window', 'parse_address', 'read_label_names',
    'show_live', 'stop_on_signals'
]
