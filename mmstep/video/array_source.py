"""Frames in memory, with the interface of a video file."""
from typing import List, Optional, Sequence

import numpy as np

from .frame_times import frames_shown_at


class ArraySource:
    """Frames that lie in memory, with the interface of :class:`VideoSource`.

    Args:
        frames (np.ndarray): (T, H, W, 3) uint8, RGB, T > 0. Not copied.
        fps (float): Frames a second.
        path (str): Name in results and messages. Defaults to 'array'.

    Attributes:
        path (str): The name.
        width, height (int): Size of the frames in pixels.
        fps (float): Frames a second.
        times (np.ndarray): (T,) start times of the frames, seconds.
        broken_from (None): There is no damage.

    Raises:
        ValueError: If it is no such array, or the rate is not positive.
    """

    def __init__(self, frames: np.ndarray, fps: Optional[float], path: str = 'array') -> None:
        if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype != np.uint8 or not frames.size:
            raise ValueError(f'frames in memory have to be a uint8 array (T, H, W, 3), RGB, with at least one frame; '
                             f'got {frames.dtype} {frames.shape}')
        if fps is None or not 0 < fps <= 1000:
            raise ValueError(f'frames in memory need fps=, their number a second; got {fps}')
        self._frames = frames
        self.path = path
        self.fps = float(fps)
        self.height, self.width = frames.shape[1:3]
        self.times = np.arange(len(frames)) / self.fps
        self.broken_from: Optional[float] = None

    @property
    def duration(self) -> float:
        """float: Seconds from the first frame's start to the last one's end."""
        return len(self._frames) / self.fps

    def frames_at(self, times: Sequence[float]) -> List[np.ndarray]:
        """The pictures on the screen at some times, see :meth:`VideoSource.frames_at`."""
        return [
            self._frames[index] for index in frames_shown_at(np.asarray(times, dtype=np.float64), self.times).tolist()
        ]

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}({self.path}: {self.width}x{self.height}, {self.fps:.2f} fps, ' \
               f'{self.duration:.2f} s)'
