"""What a source of frames offers: pictures at any time (files, arrays) or one after the other (cameras, addresses)."""
from typing import Iterator, List, Optional, Protocol, Sequence, Tuple, runtime_checkable

import numpy as np


class FrameSource(Protocol):
    """What every source tells.

    Attributes:
        path (str): Its name in results and messages.
        width, height (int): Size of the frames in pixels.
        fps (float): Frames a second.
        broken_from (float, optional): From which second on it is known to be damaged or cut off.
    """
    path: str
    width: int
    height: int
    fps: float
    broken_from: Optional[float]


@runtime_checkable
class SeekableSource(FrameSource, Protocol):
    """A source whose frames can be asked for by time: :class:`VideoSource`, :class:`ArraySource`.

    Attributes:
        times (np.ndarray): (n,) start times of the frames, seconds from the first one, ascending.
    """
    times: np.ndarray

    @property
    def duration(self) -> float:
        """Seconds from the first frame's start to the last one's end."""

    def frames_at(self, times: Sequence[float]) -> List[np.ndarray]:
        """The pictures on the screen at some times.

        Args:
            times (Sequence[float]): (m,) seconds from the first frame.

        Returns:
            list[np.ndarray]: m frames (H, W, 3) uint8, RGB.
        """


@runtime_checkable
class SequentialSource(FrameSource, Protocol):
    """A source that is read once from its beginning: :class:`StreamSource`, :class:`Recording`."""

    def __iter__(self) -> Iterator[Tuple[np.ndarray, float]]:
        """Yields (frame (H, W, 3) uint8 RGB, seconds from the first frame), times ascending."""
