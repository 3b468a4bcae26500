"""Frames of a camera, a network stream or a file, one after the other."""
import os
import os.path as osp
import re
import time
from typing import Callable, Iterator, Optional, Tuple, Union

import cv2
import numpy as np

from mmstep.errors import VideoError
from .reading.container import open_container

Address = Union[int, str]

# Without these a stream whose server is gone blocks for half a minute, at its start and between two frames.
NETWORK_TIMEOUT_MS = 5000
# Where OpenCV looks for options of FFmpeg, "name;value|name;value".
FFMPEG_OPTIONS = 'OPENCV_FFMPEG_CAPTURE_OPTIONS'
RTSP_TRANSPORTS = ('tcp', 'udp')


def is_stream(source: object) -> bool:
    """Whether an input is a camera's index or an address (``rtsp://``, ``http://`` ...) and not a file.

    Example:
        >>> is_stream(0), is_stream('rtsp://host/stream'), is_stream('video.mp4')
        (True, True, False)
    """
    if isinstance(source, (int, np.integer)):
        return not isinstance(source, bool)
    return isinstance(source, str) and re.match(r'[a-z][a-z0-9+.-]+://', source, re.IGNORECASE) is not None


def parse_address(text: str) -> Address:
    """What a command line says: a number is a camera.

    Args:
        text (str): '0', '/dev/video1', 'video.mp4', 'rtsp://...', 'http://...'.

    Returns:
        int | str: Index of a camera, or file or address.
    """
    device = re.fullmatch(r'(?:/dev/video)?(\d+)', text)
    return int(device.group(1)) if device else text


def choose_rtsp_transport(transport: str) -> None:
    """Sets how this program's rtsp:// streams come from now on.

    Over UDP packets are lost on the way, and pictures are grey in part; some cameras know nothing else.

    Args:
        transport (str): 'tcp', which :func:`open_capture` takes unless another choice was made, or 'udp'.
    """
    if transport not in RTSP_TRANSPORTS:
        raise ValueError(f'transport must be one of {", ".join(RTSP_TRANSPORTS)}, got {transport!r}')
    os.environ[FFMPEG_OPTIONS] = f'rtsp_transport;{transport}'


def open_capture(address: Address) -> cv2.VideoCapture:
    """Opens a camera, an address or a file.

    An rtsp:// stream comes over TCP unless :func:`choose_rtsp_transport` or the variable
    ``OPENCV_FFMPEG_CAPTURE_OPTIONS`` says otherwise.

    Args:
        address (int | str): See :func:`parse_address`.

    Returns:
        cv2.VideoCapture: Opened or not, which it tells.

    Raises:
        VideoError: If a file is not a video.
    """
    if not isinstance(address, str):
        capture = cv2.VideoCapture(int(address))
        # Buffer one frame only: older ones are stale.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return capture
    if is_stream(address):
        if address.lower().startswith('rtsp') and FFMPEG_OPTIONS not in os.environ:
            choose_rtsp_transport('tcp')
        timeouts = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, NETWORK_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, NETWORK_TIMEOUT_MS
        ]
        return cv2.VideoCapture(address, cv2.CAP_FFMPEG, timeouts)
    # Playlists and the like are refused, and no name is taken for the pattern of a sequence of pictures.
    open_container(address)[0].close()
    # Without the prefix, FFmpeg takes what stands before a colon in a name for a protocol.
    return cv2.VideoCapture(f'file:{address}', cv2.CAP_FFMPEG)


class StreamSource:
    """Reads a camera, an address or a file frame by frame, once.

    A camera's frames get the time at which they were read. Those of an address or a file get the time that it sends,
    from the first frame on; should that stand still or jump back, the clock counts on from there. A server that does
    not answer for five seconds, at the start or later, ends the stream.

    Args:
        address (int | str): Index of a camera, an address, or path of a file.
        max_seconds (float, optional): Iteration ends so long after the first frame. Defaults to when the stream ends.
        opener (Callable): Replaces :func:`open_capture` in tests.

    Attributes:
        path (str): 'camera 0', the file, or the address without name and password.
        width, height (int): Size of the frames in pixels.
        fps (float): Frames a second that the stream names; 25 if it names none.
        is_file (bool): Whether it is a video of known length, on this machine or at an address.
        broken_from (None): There is no header that tells of more frames.

    Raises:
        VideoError: If it cannot be opened, or no frame comes.
    """

    def __init__(self,
                 address: Address,
                 max_seconds: Optional[float] = None,
                 opener: Callable[[Address], cv2.VideoCapture] = open_capture) -> None:
        self.path = self.name(address)
        self.max_seconds = max_seconds
        self.broken_from: Optional[float] = None
        local = not is_stream(address)
        self._camera = not isinstance(address, str)
        if local and not osp.isfile(str(address)):
            raise VideoError(f'the video {address} does not exist. A camera is given by its number (0), a stream by '
                             'rtsp://... or http://...')
        self._capture = opener(address)
        found, frame = self._capture.read()
        if not found:
            self._capture.release()
            raise VideoError(_no_picture(self.path, self._camera, local))
        self.height, self.width = frame.shape[:2]
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = float(fps) if 1 <= fps <= 240 else 25.0
        self.is_file = local or not self._camera and self._capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0
        # The frame that was read to learn the size is the first one that is given.
        self._first: Optional[np.ndarray] = frame
        self._begin: Optional[float] = None
        self._time = 0.0

    def grab(self) -> Optional[float]:
        """Goes on to the next frame.

        Returns:
            float or None: Its time, seconds from the first frame, ascending; None if no frame comes any more.
        """
        if self._begin is None:
            self._begin = self._clock()
            return self._time
        self._first = None
        if not self._capture.grab():
            return None
        passed = self._clock() - self._begin
        if passed <= self._time:
            passed = self._time + (1e-3 if self._camera else 1 / self.fps)
        self._time = passed
        return self._time

    def retrieve(self) -> Optional[np.ndarray]:
        """The frame that :meth:`grab` went to.

        Returns:
            np.ndarray or None: (H, W, 3) uint8, RGB; None if it cannot be decoded.
        """
        found, frame = (True, self._first) if self._first is not None else self._capture.retrieve()
        return cv2.cvtColor(frame, cv2.COLOR_BGR2RGB) if found else None

    def __iter__(self) -> Iterator[Tuple[np.ndarray, float]]:
        """Yields (frame (H, W, 3) uint8 RGB, seconds from the first frame), times ascending, until the stream ends."""
        try:
            while (seconds := self.grab()) is not None:
                if self.max_seconds is not None and seconds > self.max_seconds:
                    return
                frame = self.retrieve()
                if frame is not None:
                    yield frame, seconds
        finally:
            self.close()

    @staticmethod
    def name(address: Address) -> str:
        """How the source is called: no name and password in it."""
        return re.sub(r'//[^/@]*@', '//', address) if isinstance(address, str) else f'camera {address}'

    def close(self) -> None:
        """Lets go of the camera or the connection."""
        self._capture.release()

    def _clock(self) -> float:
        """Seconds by the clock that times are taken from."""
        return time.monotonic() if self._camera else self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}({self.path}: {self.width}x{self.height}, {self.fps:.2f} fps)'


def _no_picture(name: str, camera: bool, local: bool) -> str:
    """Why nothing comes, and what to do."""
    if local:
        return (f'{name} is not a video that can be read: it is another kind of file (sound only, text ...), or '
                'damaged. Get it again')
    hint = 'Is it plugged in, does no other program use it, and may you read it (group video)?' if camera else \
        'Is the address right, the server up, and name and password (rtsp://name:password@host/...) in it?'
    return f'no picture comes from {name}. {hint}'
