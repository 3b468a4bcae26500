"""Windows of prepared frames, put together from the frames of a stream as they come."""
from collections import deque
from typing import Deque, Iterator, List, NamedTuple, Optional, Tuple

import numpy as np

from mmstep.errors import VideoError
from mmstep.video.frame_times import TIME_TOLERANCE
from .frame_preparation import FramePreparation
from .window_layout import WindowLayout

# A prepared frame (h, w, 3), and width and height of its picture.
Prepared = Tuple[np.ndarray, Tuple[int, int]]


class Window(NamedTuple):
    """The frames around a key time.

    Attributes:
        video (int): Number of the video or the stretch of a stream that it is from.
        key (int): Its key frame among the model's frames, which are counted from 0 at the start of the video.
        time (float): The key time in seconds, by the clock of the frames.
        frames (list[np.ndarray]): F prepared frames (h, w, 3). Before the start and after the end of the video the
            first and the last one are repeated.
        size (tuple[int, int]): Width and height of the key frame's picture before its preparation.
    """
    video: int
    key: int
    time: float
    frames: List[np.ndarray]
    size: Tuple[int, int]


class WindowBuffer:
    """Gathers the windows of a stream of frames that come at any rate, also an uneven one.

    Model frame m is the last frame that starts at or before m / fps seconds after the first one (plus
    ``TIME_TOLERANCE``), which is known once a later one has come; that is the rule of :class:`SampleTubeWindow`. Only
    the prepared frames of one window and the newest picture are kept.

    Args:
        layout (WindowLayout): How windows lie.
        hop (int): Model frames between two key frames.
        preparation (FramePreparation): Prepares a frame.
    """

    def __init__(self, layout: WindowLayout, hop: int, preparation: FramePreparation) -> None:
        self._layout = layout
        self._hop = hop
        self._preparation = preparation
        self._frames: Deque[Prepared] = deque(
            maxlen=layout.num_frames)  # (prepared frame, size) of the last model frames
        self._video = -1
        self.clear()

    def clear(self) -> None:
        """Forgets all frames; the next one begins a new video."""
        self._frames.clear()
        self._video += 1
        self._start: Optional[float] = None
        self._last = 0.0  # seconds from the first frame to the newest one
        self._shown: Optional[np.ndarray] = None
        self._prepared: Optional[Prepared] = None
        self._next = self._key = 0

    def add(self, picture: np.ndarray, time: float) -> Iterator[Window]:
        """Takes the next frame.

        Args:
            picture (np.ndarray): (H, W, 3) uint8, RGB. Kept until the next call, so it must not be written to.
            time (float): When it starts, seconds by any clock.

        Yields:
            Window: Those that are complete now. All have to be taken before the next call.

        Raises:
            ValueError: If it is no such picture, or its time does not come after that of the frame before.
            VideoError: If frames of another size come and the model does not bring them to one size.
        """
        _check_picture(picture)
        if self._start is None:
            self._start = time
        elif not time > self._start + self._last:
            raise ValueError(f'the times of frames must ascend: {time} s came after {self._start + self._last} s. '
                             'Call finish() or reset() where a new video begins')
        else:
            start = time - self._start
            while self._next / self._layout.fps + TIME_TOLERANCE < start:
                yield from self._append()
        self._last = time - self._start
        self._shown, self._prepared = picture, None

    def finish(self) -> Iterator[Window]:
        """Ends the video, repeating its last frame as long as there are key times before its start.

        Yields:
            Window: The windows that were not complete.
        """
        while self._start is not None and self._key / self._layout.fps <= self._last + TIME_TOLERANCE:
            yield from self._append()
        self.clear()

    def _append(self) -> Iterator[Window]:
        """Makes the frame that is shown the next model frame."""
        layout = self._layout
        assert self._start is not None and self._shown is not None  # a frame has come
        first = self._key - layout.num_before
        if self._next < first:  # between the windows of key frames that lie far apart
            self._next += 1
            return
        if self._prepared is None:
            height, width = self._shown.shape[:2]
            self._prepared = self._preparation.prepare(self._shown), (width, height)
            if self._frames and self._frames[-1][0].shape != self._prepared[0].shape:
                old, new = self._frames[-1][1], self._prepared[1]
                raise VideoError(f'the size of the frames changes from {old[0]}x{old[1]} to {new[0]}x{new[1]}, and '
                                 'the model keeps their shape: a window cannot hold both')
        self._frames.append(self._prepared)
        self._next += 1
        if self._next == first + layout.num_frames:
            frames = list(self._frames)[-(self._next - max(first, 0)):]
            frames = [self._frames[0]] * max(-first, 0) + frames
            size = frames[layout.num_before][1]
            yield Window(self._video, self._key, self._start + self._key / layout.fps, [frame for frame, _ in frames],
                         size)
            self._key += self._hop


def _check_picture(picture: np.ndarray) -> None:
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8 or picture.ndim != 3 or \
            picture.shape[2] != 3 or not picture.size:
        found = f'{picture.dtype} {picture.shape}' if isinstance(picture, np.ndarray) else type(picture).__name__
        raise ValueError(f'a frame has to be a uint8 array (H, W, 3), RGB; got {found}')
