"""Capture and detection side by side, and what to show of them."""
import logging
import threading
import time
from collections import deque
from typing import Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple

import cv2
import numpy as np
from mmengine.logging import print_log

from mmstep.visualization import draw_persons, draw_status, status_area
from ..detection.streaming_detector import StreamingDetector
from ..persons.detections import KeyFrame
from ..persons.interpolation import persons_at
from .label_hold import LabelHold
from .playback import Playback
from .rate_meter import RateMeter

# Seconds to wait for the next window before looking whether to stop.
PATIENCE = 0.1
# Results over which delay and lag are judged.
LATELY = 8


class LiveStats(NamedTuple):
    """What a session has done.

    Attributes:
        frames (int): Frames that came.
        results (int): Key times that were detected in.
        dropped (int): Key times that were left out, as newer ones had come before the model was free.
        breaks (int): How often the stream broke.
        max_result_age (float): The longest time from a key time to its result, seconds.
        max_delay (float): The longest time from a picture's capture to its show while the stream was up, seconds.
    """
    frames: int
    results: int
    dropped: int
    breaks: int
    max_result_age: float
    max_delay: float

    @property
    def drop_rate(self) -> float:
        """float: Share of key times that were left out, 0..1."""
        return self.dropped / max(self.results + self.dropped, 1)


class LiveSession:
    """Runs capture and detection on a thread each; the caller's thread shows.

    The capture thread hands every frame to the detector, which keeps the newest window only, and to the playback. The
    detection thread detects in that window whenever it is free. So a slow model leaves out key times, and nothing
    piles up. :meth:`look` gives the picture to show with everything drawn in.

    Args:
        detector (StreamingDetector): The detector; anything with its ``add``, ``wait``, ``detect``, ``finish``,
            ``reset`` and ``dropped``.
        labels (LabelHold): Steadies the labels.
        playback (Playback): Delays the pictures.
        reach (float): A picture further than this from the nearest key time shows nobody, seconds.
        size (tuple[int, int]): Width and height of the pictures that are shown, pixels; may be set until the start.
        fixed_delay (bool): Whether the playback's delay stays as it is instead of following the detector. Defaults to
            False.

    Attributes:
        stop (threading.Event): Set it to end the session.
        begun (float): When the first picture was captured, seconds of ``time.monotonic``; its times count from there.
        on_result (Callable[[KeyFrame], None]): Set it to be told each result, labels steadied. Called in the
            detection thread.
    """

    def __init__(self,
                 detector: StreamingDetector,
                 labels: LabelHold,
                 playback: Playback,
                 reach: float,
                 size: Tuple[int, int] = (640, 480),
                 fixed_delay: bool = False) -> None:
        self.stop = threading.Event()
        self.on_result: Callable[[KeyFrame], None] = lambda key_frame: None
        self.begun = 0.0
        self._detector = detector
        self._labels = labels
        self._playback = playback
        self._reach = reach
        self.size = size
        self._fixed_delay = fixed_delay
        self._message = ''
        self._breaks = 0
        self._back_since = 0.0
        self._forget = False
        self._scale = np.ones(4)
        self._places: Dict[int, int] = {}
        self._key_frames: deque = deque(maxlen=32)
        self._ages: deque = deque(maxlen=LATELY)
        self._max_age = self._max_delay = 0.0
        self._frames, self._results, self._looks = RateMeter(), RateMeter(10.0), RateMeter()
        self._captured, self._detected = threading.Event(), threading.Event()
        self._error: Optional[Exception] = None
        self._threads: List[threading.Thread] = []

    def start(self, capture: Iterable[Tuple[np.ndarray, float]]) -> None:
        """Starts the threads.

        Args:
            capture (Iterable): Gives (frame (H, W, 3) uint8 RGB, seconds of ``time.monotonic``), as
                :class:`LiveSource`; made with :attr:`stop` and :meth:`note`.
        """
        # Daemons: a camera that does not answer must not keep the program from ending.
        self._threads = [
            threading.Thread(target=self._guard, args=(self._capture, capture), name='capture', daemon=True),
            threading.Thread(target=self._guard, args=(self._detect, ), name='detection', daemon=True)
        ]
        for thread in self._threads:
            thread.start()

    def note(self, message: str) -> None:
        """Takes what the capture says of a break.

        Args:
            message (str): Is shown until the next one; empty when the stream is back.
        """
        if message and not self._message:
            self._breaks += 1
            # A window must not hold frames from before and after a break, and the picture may come back in another
            # size.
            self._detector.reset()
            self._key_frames.clear()
            # The detection thread works on the labels.
            self._forget = True
        if not message:
            self._back_since = time.monotonic()
        print_log(message or 'the picture is back', logger='current', level=logging.WARNING)
        self._message = message

    @property
    def finished(self) -> bool:
        """bool: Whether the end of a file has been detected in and shown."""
        return self._captured.is_set() and self._detected.is_set() and self._playback.is_empty

    def check(self) -> None:
        """Raises what a thread has run into.

        Raises:
            Exception: That error.
        """
        if self._error is not None:
            raise self._error

    def look(self, now: float) -> Optional[Tuple[np.ndarray, float]]:
        """What is to be shown.

        Args:
            now (float): Seconds of ``time.monotonic``.

        Returns:
            tuple[np.ndarray, float] or None: The picture, (H, W, 3) uint8, RGB, with persons and status drawn in, and
            the time at which it was captured. None before the first picture.
        """
        found = self._playback.at(now)
        if found is None:
            return None
        picture, shown = found
        self._looks.tick(now)
        # Pictures from before a break are not late, they are the last there are.
        if not self._message and shown >= self._back_since and not self._captured.is_set():
            self._max_delay = max(self._max_delay, now - shown)
        known = tuple(self._key_frames)
        before = next((key_frame for key_frame in reversed(known) if key_frame.time <= shown), None)
        after = next((key_frame for key_frame in known if key_frame.time > shown), None)
        persons = persons_at(shown, before, after, self._reach)
        lines = [self.status(now, now - shown)] + [self._message] * bool(self._message)
        drawn = draw_persons(
            picture, [box * self._scale for _, box in persons], [person.actions for person, _ in persons],
            [person.person_id for person, _ in persons],
            reserved=[status_area(*self.size, lines)],
            places=self._places)
        draw_status(drawn, lines)
        return drawn, shown

    def status(self, now: float, delay: float) -> str:
        """One line for people: rates, delay and what is left out.

        Args:
            now (float): Seconds of ``time.monotonic``.
            delay (float): Seconds from capture to show.

        Returns:
            str: The line.
        """
        return (f'{min(self._looks.rate(now), self._frames.rate(now)):.1f} fps  delay {delay:.1f} s  '
                f'{self._results.rate(now):.1f} results/s  {self.stats.drop_rate:.0%} dropped')

    @property
    def stats(self) -> LiveStats:
        """LiveStats: What was done so far."""
        return LiveStats(self._frames.count, self._results.count, self._detector.dropped, self._breaks, self._max_age,
                         self._max_delay)

    def close(self, patience: float = 10.0) -> None:
        """Ends the threads.

        Args:
            patience (float): Seconds to wait for each of them: the model may be at work, the camera may not answer.
        """
        self.stop.set()
        for thread in self._threads:
            thread.join(patience)

    def _guard(self, work, *args) -> None:
        """Keeps what goes wrong in a thread for :meth:`check`."""
        try:
            work(*args)
        except Exception as error:  # noqa: B902  raised again in the caller's thread
            self._error = error
            self.stop.set()

    def _capture(self, capture: Iterable[Tuple[np.ndarray, float]]) -> None:
        for frame, captured in capture:
            if not self._frames.count:
                self.begun = captured
            self._frames.tick(time.monotonic())
            self._detector.add(frame, captured)
            if self._playback.wants(captured):
                height, width = frame.shape[:2]
                self._scale = np.array((self.size[0] / width, self.size[1] / height) * 2)
                smaller = self.size[0] < width
                picture = frame if self.size == (width, height) else cv2.resize(
                    frame, self.size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
                self._playback.put(picture, captured)
            if self.stop.is_set():
                return
        self._captured.set()

    def _detect(self) -> None:
        while not self.stop.is_set():
            if self._detector.wait(PATIENCE):
                self._take(self._detector.detect())
            elif self._captured.is_set():
                self._take(self._detector.finish())
                self._detected.set()
                return

    def _take(self, key_frames) -> None:
        for key_frame in key_frames:
            if self._forget:
                self._forget = False
                self._labels.forget()
            now = time.monotonic()
            age = now - key_frame.time
            last = self._key_frames[-1].time if self._key_frames else None
            self._results.tick(now)
            shown = self._labels.update(key_frame)
            self._key_frames.append(shown)
            self.on_result(shown)
            if self._captured.is_set():
                continue
            self._max_age = max(self._max_age, age)
            # Half-way to the next key time its result takes over.
            self._ages.append(age + (0.0 if last is None else min(key_frame.time - last, self._reach) / 2))
            if not self._fixed_delay:
                self._playback.aim(max(self._ages))
