"""Frames of a camera, a network stream or a file as they come in real time."""
import os.path as osp
import re
import threading
import time
from typing import Callable, Iterator, Optional, Tuple, Union

import cv2
import numpy as np

from mmstep.errors import VideoError
from mmstep.video.stream_source import StreamSource, is_stream
from .backoff import Backoff

Address = Union[int, str]

# Without these a stream whose server is gone blocks for half a minute.
NETWORK_TIMEOUT_MS = 5000
# A file's frames that are this late are left out, seconds.
LATE = 0.2


def parse_address(text: str) -> Address:
    """What ``--input`` says: a number is a camera.

    Args:
        text (str): '0', '/dev/video1', 'video.mp4', 'rtsp://...', 'http://...'.

    Returns:
        int | str: Index of a camera, or file or address.
    """
    device = re.fullmatch(r'(?:/dev/video)?(\d+)', text)
    return int(device.group(1)) if device else text


def open_capture(address: Address) -> cv2.VideoCapture:
    """Opens a camera, an address or a file.

    Args:
        address (int | str): See :func:`parse_address`.

    Returns:
        cv2.VideoCapture: Opened or not, which it tells.
    """
    if isinstance(address, int):
        capture = cv2.VideoCapture(address)
        # What waits in the driver is old already.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return capture
    if is_stream(address):
        timeouts = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, NETWORK_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, NETWORK_TIMEOUT_MS
        ]
        return cv2.VideoCapture(address, cv2.CAP_FFMPEG, timeouts)
    return cv2.VideoCapture(address)


class LiveCapture:
    """Reads frames in real time, and tries again when a camera or a stream breaks.

    A file is played at its own speed, also one at an http address, which is told by its known length; frames that
    would come late because decoding is slow are left out. Its end is the end. A camera or a network stream has no end:
    when no frame comes any more it is opened anew, after waits that grow up to half a minute, until ``stop`` is set.

    Args:
        address (int | str): See :func:`parse_address`.
        stop (threading.Event): Ends the iteration when set, also while waiting.
        on_break (Callable[[str], None]): Told, in words for people, when the stream breaks, when it is tried again,
            and with an empty text when it is back. Called in the thread that iterates.
        backoff (Backoff, optional): Waits between attempts.
        opener (Callable): Replaces :func:`open_capture` in tests.

    Attributes:
        name (str): How the source is called, without a password.
        breaks (int): How often the stream has broken.
        is_file (bool): Whether it has an end.
        width, height (int): Size of the first frame, pixels.

    Raises:
        VideoError: If it cannot be opened the first time, or gives no frame then.
    """

    def __init__(self,
                 address: Address,
                 stop: threading.Event,
                 on_break: Callable[[str], None],
                 backoff: Optional[Backoff] = None,
                 opener: Callable[[Address], cv2.VideoCapture] = open_capture) -> None:
        self.address = address
        self.name = StreamSource.name(address)
        self.breaks = 0
        self._stop = stop
        self._on_break = on_break
        self._backoff = backoff or Backoff()
        self._opener = opener
        self._local = not is_stream(address)
        if self._local and not osp.isfile(address):
            raise VideoError(f'the video {address} does not exist. A camera is --input 0, a stream rtsp://... or '
                             'http://...')
        self._capture = opener(address)
        found, self._first = self._capture.read()
        if not found:
            self._capture.release()
            raise VideoError(self._cannot_open())
        self.height, self.width = self._first.shape[:2]
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self._interval = 1 / fps if 1 <= fps <= 240 else 1 / 25
        self.is_file = self._local or isinstance(address, str) and self._capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0

    def __iter__(self) -> Iterator[Tuple[np.ndarray, float]]:
        """Yields frames (H, W, 3) uint8, RGB, with their times in seconds of ``time.monotonic``, ascending."""
        try:
            yield from self._play_file() if self.is_file else self._follow_stream()
        finally:
            self._capture.release()

    def _follow_stream(self) -> Iterator[Tuple[np.ndarray, float]]:
        frame, last = self._first, -np.inf
        while not self._stop.is_set():
            if frame is None:
                frame = self._reopen()
                continue
            now = max(time.monotonic(), last + 1e-4)
            last = now
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), now
            found, frame = self._capture.read()
            if found:
                self._backoff.reset()
            else:
                frame = None
                self.breaks += 1
                self._capture.release()

    def _reopen(self) -> Optional[np.ndarray]:
        """Waits, then tries once; the first frame, or None."""
        wait = self._backoff.next()
        self._on_break(f'no picture comes from {self.name} any more. Trying again in {wait:g} s')
        if self._stop.wait(wait):
            return None
        self._capture = self._opener(self.address)
        found, frame = self._capture.read()
        if not found:
            self._capture.release()
            return None
        self._on_break('')
        return frame

    def _play_file(self) -> Iterator[Tuple[np.ndarray, float]]:
        begin = time.monotonic()
        first = last = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        yield cv2.cvtColor(self._first, cv2.COLOR_BGR2RGB), begin
        while not self._stop.is_set() and self._capture.grab():
            shown = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            # Some containers have no times, or times that jump back.
            last = shown if shown > last else last + self._interval
            due = begin + last - first
            if time.monotonic() - due > LATE:
                continue
            self._stop.wait(max(due - time.monotonic(), 0))
            found, frame = self._capture.retrieve()
            if found:
                yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), due

    def _cannot_open(self) -> str:
        if self._local:
            return (f'{self.name} is not a video that can be read: it is another kind of file (sound only, text ...), '
                    'or damaged. Get it again')
        if isinstance(self.address, int):
            return (f'no picture comes from {self.name}. Is it plugged in, does no other program use it, and may you '
                    'read it (group video)?')
        return (f'no picture comes from {self.name}. Is the address right, the server up, and name and password '
                '(rtsp://name:password@host/...) in it?')
