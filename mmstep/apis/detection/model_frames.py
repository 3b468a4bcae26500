"""The frames of a video at the model's rate, and the optical flow between them, for the windows that are at hand."""
from math import ceil
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from mmstep.errors import VideoError
from mmstep.video.frame_times import TIME_TOLERANCE
from .frame_preparation import FramePreparation
from .window_layout import WindowLayout


class FlowMap:
    """The flow from one frame to the next, made when it is first asked for.

    So taking frames from a camera costs little, however slow the method is, and a window that is left out costs
    nothing. Windows share the maps; one thread at a time asks for them.

    Args:
        first (np.ndarray): (H, W) uint8, see :meth:`FramePreparation.grey`.
        second (np.ndarray): Likewise.
        preparation (FramePreparation): Makes the flow.
    """

    def __init__(self, first: np.ndarray, second: np.ndarray, preparation: FramePreparation) -> None:
        self._pair: Optional[Tuple[np.ndarray, np.ndarray]] = (first, second)
        self._preparation = preparation
        self._flow: Optional[np.ndarray] = None

    @property
    def flow(self) -> np.ndarray:
        """np.ndarray: (h, w, 2), see :meth:`FramePreparation.make_flow`."""
        if self._flow is None:
            assert self._pair is not None  # which goes once the flow is there
            self._flow = self._preparation.make_flow(*self._pair)
            self._pair = None
        return self._flow


class Window(NamedTuple):
    """The frames around a key time.

    Attributes:
        video (int): Number of the video or the stretch of a stream that it is from.
        key (int): Its key frame among the model's frames, which are counted from 0 at the start of the video.
        time (float): The key time in seconds, by the clock of the frames.
        frames (list[np.ndarray]): F prepared frames (h, w, 3); none for a model that sees flow alone. Before the start
            and after the end of the video the first and the last one are repeated.
        size (tuple[int, int]): Width and height of the key frame's picture before its preparation.
        flows (Sequence[FlowMap]): With flow the maps of the F frames and of those that are stacked with the last one.
            The last frame of a video has none of its own, and that of the one before is repeated.
    """
    video: int
    key: int
    time: float
    frames: List[np.ndarray]
    size: Tuple[int, int]
    flows: Sequence[FlowMap] = ()

    @property
    def img_shape(self) -> Tuple[int, int]:
        """Height and width of the prepared frames, tuple[int, int]."""
        height, width = (self.frames[0] if self.frames else self.flows[0].flow).shape[:2]
        return height, width

    def maps(self, first: int = 0, count: Optional[int] = None) -> List[np.ndarray]:
        """Some of the flow maps, which are made now if they have not been.

        Args:
            first (int): Number of the first one. Defaults to 0.
            count (int, optional): How many. Defaults to all.

        Returns:
            list[np.ndarray]: (h, w, 2) each.
        """
        return [item.flow for item in self.flows[first:None if count is None else first + count]]


def last_model_frame(last: float, fps: float) -> int:
    """The first model frame that shows a video's last frame.

    Args:
        last (float): When that one starts, seconds.
        fps (float): The model's rate.

    Returns:
        int: Its number.
    """
    return max(ceil((last - TIME_TOLERANCE) * fps), 0)


class ModelFrames:
    """Keeps the prepared frames of a window, each picture prepared once and each flow map made once.

    Args:
        layout (WindowLayout): How windows lie.
        preparation (FramePreparation): Prepares frames and makes the flow.
    """

    def __init__(self, layout: WindowLayout, preparation: FramePreparation) -> None:
        self._layout = layout
        self._preparation = preparation
        self._pictures = preparation.flow is None or preparation.flow.with_pictures
        self._frames: Dict[int, np.ndarray] = {}
        self._sizes: Dict[int, Tuple[int, int]] = {}
        self._flows: Dict[int, FlowMap] = {}
        self.clear()

    def clear(self) -> None:
        """Forgets all frames; the next one begins a new video."""
        for kept in (self._frames, self._sizes, self._flows):
            kept.clear()
        self._newest = -1
        self._shown: Optional[np.ndarray] = None
        self._prepared: Optional[np.ndarray] = None
        self._grey: Optional[np.ndarray] = None
        self._before: Optional[np.ndarray] = None  # grey, of the newest model frame

    def show(self, picture: np.ndarray) -> None:
        """Sets the picture of the model frames that are added next.

        Args:
            picture (np.ndarray): (H, W, 3) uint8, RGB. Kept until the next one, so it must not be written to.
        """
        self._shown, self._prepared, self._grey = picture, None, None

    def first_needed(self, key: int) -> int:
        """The first model frame that the window of a key frame needs, 0 or more."""
        # With flow one more: at the end of a video its map is repeated.
        return max(key - self._layout.num_before - bool(self._layout.num_flows), 0)

    def last_needed(self, key: int) -> int:
        """The last model frame that the window of a key frame needs, if the video goes on for so long."""
        return key + self._layout.num_after

    def add(self, number: int) -> None:
        """Takes the picture that is shown as a model frame.

        Args:
            number (int): Of the frame, greater than at the call before.

        Raises:
            VideoError: If the size of the frames changes, and the model does not bring them to one size or needs the
                flow between them.
        """
        assert self._shown is not None  # show() has been called
        height, width = self._shown.shape[:2]
        if self._pictures:
            if self._prepared is None:
                self._prepared = self._preparation.prepare(self._shown)
            before = self._frames.get(self._newest)
            if before is not None and before.shape != self._prepared.shape:
                self._refuse_size((width, height), 'the model keeps their shape: a window cannot hold both')
            self._frames[number] = self._prepared
        if self._layout.num_flows:
            if self._grey is None:
                self._grey = self._preparation.grey(self._shown)
            if self._before is not None and self._newest == number - 1:
                if self._before.shape != self._grey.shape:
                    self._refuse_size((width, height), 'there is no optical flow between them')
                self._flows[self._newest] = FlowMap(self._before, self._grey, self._preparation)
            self._before = self._grey
        self._sizes[number] = (width, height)
        self._newest = number

    def _refuse_size(self, size: Tuple[int, int], reason: str) -> None:
        old = self._sizes[self._newest]
        raise VideoError(f'the size of the frames changes from {old[0]}x{old[1]} to {size[0]}x{size[1]}, and {reason}')

    def window(self, video: int, key: int, time: float, last: Optional[int] = None) -> Window:
        """Puts a window together from frames that have been added.

        Args:
            video (int): See :class:`Window`.
            key (int): See there.
            time (float): See there.
            last (int, optional): The last model frame, if the video ends in the window. Defaults to none: all that
                it needs have been added.

        Returns:
            Window: The window.

        Raises:
            VideoError: If it needs flow and the video has one frame.
        """
        layout, first = self._layout, key - self._layout.num_before
        last = self.last_needed(key) if last is None else last
        numbers = np.arange(first, first + layout.num_frames).clip(0, last).tolist()
        frames = [self._frames[number] for number in numbers] if self._pictures else []
        flows = []
        if layout.num_flows:
            if last == 0:
                raise VideoError('there is one frame, and optical flow leads from one to the next: the model needs '
                                 'two at least')
            count = layout.num_frames + layout.num_flows - 1
            flows = [self._flows[number] for number in np.arange(first, first + count).clip(0, last - 1).tolist()]
        return Window(video, key, time, frames, self._sizes[numbers[layout.num_before]], flows)

    def forget(self, before: int) -> None:
        """Drops the frames before one that later windows begin with, and what leads to or from them."""
        for kept in (self._frames, self._sizes, self._flows):
            for number in [number for number in kept if number < before]:
                del kept[number]
