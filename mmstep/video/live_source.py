"""A camera, a network stream or a file in real time."""
import threading
import time
from typing import Callable, Iterator, Optional, Tuple

import numpy as np

from mmstep.errors import VideoError
from mmstep.utils.backoff import Backoff
from .stream_source import Address, StreamSource

# A file's frames that are this late are left out, seconds.
LATE = 0.2


class LiveSource:
    """Reads a stream in real time, and opens it again when it breaks.

    A file is played at its own speed, also one at an http address, which is told by its known length; frames that
    would come late because decoding is slow are left out. Its end is the end. A camera or a network stream has no end:
    when no frame comes any more it is opened anew, after waits that grow up to half a minute, until ``stop`` is set.

    Args:
        address (int | str): See :class:`StreamSource`.
        stop (threading.Event): Ends the iteration when set, also while waiting.
        on_break (Callable[[str], None]): Told, in words for people, when the stream breaks, when it is tried again,
            and with an empty text when it is back. Called in the thread that iterates.
        loop (bool): Whether a file begins anew at its end, without end; times go on. Defaults to False.
        backoff (Backoff, optional): Waits between attempts.
        open_stream (Callable): Replaces :class:`StreamSource` in tests.

    Attributes:
        path (str): How the source is called, without a password.
        breaks (int): How often the stream has broken.
        width, height (int): Size of the first frame, pixels.

    Raises:
        VideoError: If it cannot be opened the first time, or gives no frame then.
    """

    def __init__(self,
                 address: Address,
                 stop: threading.Event,
                 on_break: Callable[[str], None],
                 loop: bool = False,
                 backoff: Optional[Backoff] = None,
                 open_stream: Callable[[Address], StreamSource] = StreamSource) -> None:
        self.breaks = 0
        self._address = address
        self._stop = stop
        self._on_break = on_break
        self._loop = loop
        self._backoff = backoff or Backoff()
        self._open_stream = open_stream
        self._stream: Optional[StreamSource] = open_stream(address)
        self.path = self._stream.path
        self.width, self.height = self._stream.width, self._stream.height

    def __iter__(self) -> Iterator[Tuple[np.ndarray, float]]:
        """Yields frames (H, W, 3) uint8, RGB, with their times in seconds of ``time.monotonic``, ascending."""
        try:
            yield from self._play() if self._stream and self._stream.is_file else self._follow()
        finally:
            if self._stream is not None:
                self._stream.close()

    def _follow(self) -> Iterator[Tuple[np.ndarray, float]]:
        last, first = -np.inf, True
        while not self._stop.is_set():
            if self._stream is None:
                self._reopen()
                first = True
            elif self._stream.grab() is None:
                self._stream.close()
                self._stream = None
                self.breaks += 1
            else:
                # A stream that breaks after each first frame is not back yet.
                if not first:
                    self._backoff.reset()
                first = False
                frame = self._stream.retrieve()
                if frame is not None:
                    last = max(time.monotonic(), last + 1e-4)
                    yield frame, last

    def _reopen(self) -> None:
        """Waits, then tries once."""
        wait = self._backoff.next()
        self._on_break(f'no picture comes from {self.path} any more. Trying again in {wait:g} s')
        if self._stop.wait(wait):
            return
        try:
            self._stream = self._open_stream(self._address)
        except VideoError:
            return  # the next attempt says so
        self._on_break('')

    def _play(self) -> Iterator[Tuple[np.ndarray, float]]:
        begin = time.monotonic()
        while self._stream is not None:
            end = begin
            while not self._stop.is_set() and (shown := self._stream.grab()) is not None:
                due = begin + shown
                end = due + 1 / self._stream.fps
                if time.monotonic() - due > LATE:
                    continue
                self._stop.wait(max(due - time.monotonic(), 0))
                frame = self._stream.retrieve()
                if frame is not None:
                    yield frame, due
            if not self._loop or self._stop.is_set():
                return
            self._stream.close()
            self._stream = self._open_stream(self._address)
            begin = max(end, time.monotonic())
