"""The pictures of the last seconds, and which of them is shown now."""
import threading
from collections import deque
from typing import Optional, Tuple

import numpy as np


class Playback:
    """Delays the picture until its detections exist, so that boxes sit on the persons.

    The picture shown is the newest one that is at least :attr:`delay` old; those before it are gone. The delay moves
    to where it is wanted without a jump: it grows by playing at half speed, and shrinks by playing a little faster. It
    never exceeds ``max_delay``, however slow the model, and so many seconds of pictures are all that is kept.

    One thread calls :meth:`wants` and :meth:`put`, another one :meth:`at`.

    Args:
        max_delay (float): Seconds.
        interval (float): Pictures that follow sooner than this are left out, seconds.
        delay (float): The delay to begin with. Defaults to 0.
    """

    GROWTH = 0.5
    SHRINKAGE = 0.1

    def __init__(self, max_delay: float, interval: float, delay: float = 0.0) -> None:
        self.max_delay = max_delay
        self.interval = interval
        self.delay = min(delay, max_delay)
        self._wanted = self.delay
        self._now: Optional[float] = None
        self._last_put: Optional[float] = None
        self._pictures: deque = deque()
        self._shown: Optional[Tuple[np.ndarray, float]] = None
        self._lock = threading.Lock()

    def wants(self, time: float) -> bool:
        """Whether a picture of a time would be kept: not if it follows too soon on the one before.

        Args:
            time (float): Seconds.

        Returns:
            bool: Whether to call :meth:`put`.
        """
        # A little earlier than the interval is near enough: cameras are not punctual.
        return self._last_put is None or time - self._last_put >= 0.75 * self.interval

    def put(self, picture: np.ndarray, time: float) -> None:
        """Takes a picture.

        Args:
            picture (np.ndarray): (H, W, 3) uint8; it is kept.
            time (float): Seconds, ascending.
        """
        with self._lock:
            self._last_put = time
            self._pictures.append((picture, time))
            while self._pictures[0][1] < time - self.max_delay - 1:
                self._pictures.popleft()

    def aim(self, delay: float) -> None:
        """Sets the delay that is wanted, seconds."""
        self._wanted = float(np.clip(delay, 0, self.max_delay))

    def at(self, now: float) -> Optional[Tuple[np.ndarray, float]]:
        """What is shown at a time.

        Args:
            now (float): Seconds, by the clock of the pictures; not before that of the last call.

        Returns:
            tuple[np.ndarray, float] or None: Picture and its time; never an earlier one than the last call gave. None
            as long as there is none.
        """
        with self._lock:
            passed = 0.0 if self._now is None else now - self._now
            self._now = now
            step = np.clip(self._wanted - self.delay, -self.SHRINKAGE * passed, self.GROWTH * passed)
            self.delay = float(self.delay + step)
            while self._pictures and (self._shown is None or self._pictures[0][1] <= now - self.delay):
                self._shown = self._pictures.popleft()
            return self._shown

    @property
    def is_empty(self) -> bool:
        """bool: Whether no picture waits to be shown."""
        with self._lock:
            return not self._pictures
