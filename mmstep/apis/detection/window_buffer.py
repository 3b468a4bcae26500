"""Windows of prepared frames, put together from the frames of a stream as they come."""
from typing import Iterator, Optional

import numpy as np

from mmstep.video.frame_times import TIME_TOLERANCE
from .frame_preparation import FramePreparation
from .model_frames import ModelFrames, Window
from .window_layout import WindowLayout


class WindowBuffer:
    """Gathers the windows of a stream of frames that come at any rate, also an uneven one.

    Model frame m is the last frame that starts at or before m / fps seconds after the first one (plus
    ``TIME_TOLERANCE``), which is known once a later one has come; that is the rule of :class:`SampleTubeWindow`. Only
    the prepared frames of one window and the newest picture are kept, and with flow the grey pictures of the frames
    whose flow has not been asked for.

    Args:
        layout (WindowLayout): How windows lie.
        hop (int): Model frames between two key frames.
        preparation (FramePreparation): Prepares a frame.
    """

    def __init__(self, layout: WindowLayout, hop: int, preparation: FramePreparation) -> None:
        self._layout = layout
        self._hop = hop
        self._frames = ModelFrames(layout, preparation)
        self._video = -1
        self.clear()

    def clear(self) -> None:
        """Forgets all frames; the next one begins a new video."""
        self._frames.clear()
        self._video += 1
        self._start: Optional[float] = None
        self._last = 0.0  # seconds from the first frame to the newest one
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
            VideoError: If frames of another size come and the model does not bring them to one size, or needs the
                optical flow between them.
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
        self._frames.show(picture)

    def finish(self) -> Iterator[Window]:
        """Ends the video, repeating its last frame as long as there are key times before its start.

        Yields:
            Window: The windows that were not complete.

        Raises:
            VideoError: If the model needs optical flow and one frame has come.
        """
        try:
            if self._start is not None:
                last = self._next
                self._frames.add(last)
                while self._key / self._layout.fps <= self._last + TIME_TOLERANCE:
                    yield self._window(last)
        finally:
            self.clear()

    def _append(self) -> Iterator[Window]:
        """Makes the frame that is shown the next model frame; one that no window needs is left out."""
        if self._next >= self._frames.first_needed(self._key):
            self._frames.add(self._next)
        self._next += 1
        if self._next > self._frames.last_needed(self._key):
            yield self._window()

    def _window(self, last: Optional[int] = None) -> Window:
        """The window of the next key frame."""
        assert self._start is not None  # a frame has come
        window = self._frames.window(self._video, self._key, self._start + self._key / self._layout.fps, last)
        self._key += self._hop
        self._frames.forget(self._frames.first_needed(self._key))
        return window


def _check_picture(picture: np.ndarray) -> None:
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8 or picture.ndim != 3 or \
            picture.shape[2] != 3 or not picture.size:
        found = f'{picture.dtype} {picture.shape}' if isinstance(picture, np.ndarray) else type(picture).__name__
        raise ValueError(f'a frame has to be a uint8 array (H, W, 3), RGB; got {found}')
