"""Frames of a camera or a network stream, one after the other."""
import re
import time
from typing import Iterator, Optional, Tuple, Union

import cv2
import numpy as np

from mmstep.errors import VideoError

Address = Union[int, str]


def is_stream(source: object) -> bool:
    """Whether an input is a camera's index or an address (``rtsp://``, ``http://`` ...) and not a file.

    Example:
        >>> is_stream(0), is_stream('rtsp://host/stream'), is_stream('video.mp4')
        (True, True, False)
    """
    if isinstance(source, (int, np.integer)):
        return not isinstance(source, bool)
    return isinstance(source, str) and re.match(r'[a-z][a-z0-9+.-]+://', source, re.IGNORECASE) is not None


class StreamSource:
    """Reads a camera or an address frame by frame, once.

    A camera's frames get the time at which they were read. Those of an address get the time that it sends, from the
    first frame on; should that stand still or jump back, the clock counts on from there.

    Args:
        address (int | str): Index of a camera, or an address.
        max_seconds (float, optional): The stream ends so long after its first frame. Defaults to when it ends.

    Attributes:
        path (str): 'camera 0' or the address without name and password.
        width, height (int): Size of the frames in pixels.
        fps (float): Frames a second that the stream names; 25 if it names none.
        broken_from (None): There is no header that tells of more frames.

    Raises:
        VideoError: If it cannot be opened, or no frame comes.
    """

    def __init__(self, address: Address, max_seconds: Optional[float] = None) -> None:
        camera = not isinstance(address, str)
        self.path = self.name(address)
        self.max_seconds = max_seconds
        self.broken_from: Optional[float] = None
        self._camera = camera
        self._capture = cv2.VideoCapture(int(address) if camera else address)
        found, frame = self._capture.read()
        if not found:
            self._capture.release()
            hint = 'Is it plugged in, and does no other program use it?' if camera else \
                'Is the address right, the server up, and name and password (rtsp://name:password@host/...) in it?'
            raise VideoError(f'no picture comes from {self.path}. {hint}')
        self._first = frame
        self.height, self.width = frame.shape[:2]
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = float(fps) if 1 <= fps <= 240 else 25.0

    def __iter__(self) -> Iterator[Tuple[np.ndarray, float]]:
        """Yields (frame (H, W, 3) uint8 RGB, seconds from the first frame), times ascending, until the stream ends."""
        frame, begin, last = self._first, time.monotonic(), -1.0
        self._first = None
        first_sent = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        while frame is not None:
            now = time.monotonic() - begin
            if not self._camera:
                # Time the address sends, as long as it goes on.
                sent = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 - first_sent
                now = sent if sent > last else last + 1 / self.fps
            now = max(now, last + 1e-3)
            if self.max_seconds is not None and now > self.max_seconds:
                break
            last = now
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), now
            found, frame = self._capture.read()
            frame = frame if found else None
        self.close()

    @staticmethod
    def name(address: Address) -> str:
        """How the source is called: no name and password in it."""
        return re.sub(r'//[^/@]*@', '//', address) if isinstance(address, str) else f'camera {address}'

    def close(self) -> None:
        """Lets go of the camera or the connection."""
        self._capture.release()

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}({self.path}: {self.width}x{self.height}, {self.fps:.2f} fps)'
