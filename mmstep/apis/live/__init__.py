"""Live detection: from a camera or a stream to a window, a browser or a file."""
from mmstep.video.live_source import LiveSource
from mmstep.video.stream_source import RTSP_TRANSPORTS, choose_rtsp_transport, parse_address
from .display_size import display_size
from .label_hold import LabelHold
from .label_names import read_label_names
from .loop import show_live, stop_on_signals
from .message_targets import MessageTarget, open_target
from .messages import MessageSender, clock_time, result_message
from .mjpeg_server import MjpegServer
from .playback import Playback
from .session import LiveSession, LiveStats
from .sinks import OpenCVWindow, PacedWriter, TkWindow, open_window

__all__ = [
    'LabelHold', 'LiveSession', 'LiveSource', 'LiveStats', 'MessageSender', 'MessageTarget', 'MjpegServer',
    'OpenCVWindow', 'PacedWriter', 'Playback', 'RTSP_TRANSPORTS', 'TkWindow', 'choose_rtsp_transport', 'clock_time',
    'display_size', 'open_target', 'open_window', 'parse_address', 'read_label_names', 'result_message', 'show_live',
    'stop_on_signals'
]
