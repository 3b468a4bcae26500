"""Detection in streams: frames go in as they come, results come out as soon as they are final."""
import threading
from collections import deque
from typing import List, Optional

import numpy as np
from mmengine.config import Config
from torch import nn

from ..persons.detections import KeyFrame
from ..persons.person_matcher import PersonMatcher
from ..persons.score_thresholds import ScoreThreshold
from .frame_preparation import FramePreparation
from .model_frames import Window
from .window_buffer import WindowBuffer
from .window_layout import window_layout
from .window_runner import WindowRunner


class StreamingDetector:
    """Detects persons and their actions in a stream of frames.

    Frames may come at any rate, also an uneven one: a model time shows the frame on the screen then, so that the
    results are those of :func:`detect_video` on the same frames in a file. A key time's result is final once its whole
    window has been seen, see :attr:`latency`. Memory does not grow: the prepared frames and flow maps of a window, the
    features of its clips and the persons of the last seconds are kept.

    With ``clip_features='independent'`` each clip's features are made once and reused, if ``stride`` is such that
    windows share clips (:attr:`reuses_features`): the length of a clip, half of it, and so on. The results are those
    without reuse, up to rounding.

    Optical flow is made from each frame to the next one once, when the first window that holds it is detected in:
    where windows are left out, so is their flow.

    Example:
        >>> detector = StreamingDetector(init_detector(config, checkpoint), stride=0.5)    # doctest: +SKIP
        >>> for frame, time in frames:
        ...     for key_frame in detector.push(frame, time):
        ...         print(key_frame.time, key_frame.persons)
        >>> rest = detector.finish()

    When the detector is slower than the camera, :meth:`push` falls behind. Then use two threads: one calls
    :meth:`add`, which is cheap and keeps only the newest windows; the other one :meth:`wait` and :meth:`detect`.

    Args:
        model (nn.Module): The detector, see :func:`init_detector`; anything with MMEngine's ``test_step``.
        cfg (Config, optional): Its config. Defaults to ``model.cfg``.
        stride (float, optional): Seconds between key times, rounded to whole frames of the model. Defaults to the
            length of a clip.
        score_thr (float | dict): Actions under it are left out, see :func:`class_thresholds`. Defaults to 0.3.
        model_fps (float, optional): Needed by a model of native frames, see :func:`window_layout`.
        reuse_features (bool): False makes the features of every window anew, to compare. Defaults to True.
        backlog (int): Windows that :meth:`add` keeps waiting, at least 1. Defaults to 1.

    Attributes:
        layout (WindowLayout): How windows lie in time.
        dropped (int): Key times that :meth:`add` left out, as newer ones had come.

    Raises:
        LaunchError: If the config does not fit, see :func:`window_layout` and :class:`FramePreparation`.
    """

    def __init__(self,
                 model: nn.Module,
                 cfg: Optional[Config] = None,
                 stride: Optional[float] = None,
                 score_thr: ScoreThreshold = 0.3,
                 model_fps: Optional[float] = None,
                 reuse_features: bool = True,
                 backlog: int = 1) -> None:
        if backlog < 1:
            raise ValueError(f'backlog must be at least 1, got {backlog}')
        cfg = model.cfg if cfg is None else cfg
        self.layout = window_layout(cfg, model_fps)
        hop = self.layout.hop(stride)
        preparation = FramePreparation(cfg)
        self.stride_seconds = hop / self.layout.fps
        self.dropped = 0
        self._runner = WindowRunner(model, cfg, self.layout, hop, preparation, score_thr, reuse_features)
        self._buffer = WindowBuffer(self.layout, hop, preparation)
        self._matcher = PersonMatcher()
        self._video: Optional[int] = None
        self._backlog = backlog
        self._waiting: deque = deque()
        self._filled = threading.Condition()

    @property
    def latency(self) -> float:
        """float: Seconds from a key time to the time of the last frame that its window needs: half a window, and with
        optical flow the stack of maps of its last frame. To that come the frame after it, which tells that the last
        one is over, and the computing time."""
        return self.layout.num_after / self.layout.fps

    @property
    def reuses_features(self) -> bool:
        """bool: Whether the features of clips are reused."""
        return self._runner.reuses_features

    @property
    def labels(self) -> Optional[List[str]]:
        """The classes' names, list[str]; None for a model without names until the first result."""
        return self._runner.labels

    def push(self, frame: np.ndarray, time: float) -> List[KeyFrame]:
        """Takes a frame and detects in every window that it completes.

        Args:
            frame (np.ndarray): (H, W, 3) uint8, RGB. It is kept until the next one: do not write into it.
            time (float): When it starts, in seconds by any clock, greater than at the call before.

        Returns:
            list[KeyFrame]: Results that are final now, by time, in the same clock, with person numbers.

        Raises:
            ValueError: If it is no such array, or the times do not ascend.
            VideoError: If the frames change their shape and the model keeps it, or needs the flow between them.
        """
        results = self.detect()
        with self._filled:
            for window in self._buffer.add(frame, time):
                results.append(self._run(window))
        return results

    def finish(self) -> List[KeyFrame]:
        """Ends the video: key times up to the start of the last frame are detected, that frame being repeated.

        Afterwards a new video may begin, also at an earlier time. The numbers of persons go on.

        Returns:
            list[KeyFrame]: The results that were not final.

        Raises:
            VideoError: If the model needs optical flow and one frame has come.
        """
        results = self.detect()
        with self._filled:
            for window in self._buffer.finish():
                results.append(self._run(window))
        return results

    def reset(self) -> None:
        """Forgets all frames and waiting windows, as when a camera comes back after a break.

        Does not wait for a :meth:`detect` that is running. The numbers of persons go on.
        """
        with self._filled:
            self._buffer.clear()
            self._waiting.clear()

    def add(self, frame: np.ndarray, time: float) -> None:
        """Takes a frame without detecting. The newest ``backlog`` windows wait for :meth:`detect`.

        Args:
            frame (np.ndarray): As in :meth:`push`.
            time (float): As in :meth:`push`.

        Raises:
            ValueError: As :meth:`push`.
            VideoError: As :meth:`push`.
        """
        with self._filled:
            for window in self._buffer.add(frame, time):
                self._waiting.append(window)
                if len(self._waiting) > self._backlog:
                    self._waiting.popleft()
                    self.dropped += 1
            if self._waiting:
                self._filled.notify_all()

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Waits until a window is there to detect in.

        Args:
            timeout (float, optional): Seconds at most. Defaults to no limit.

        Returns:
            bool: Whether one is there.
        """
        with self._filled:
            return self._filled.wait_for(lambda: bool(self._waiting), timeout)

    def detect(self) -> List[KeyFrame]:
        """Detects in the windows that are waiting. To be called by one thread at a time.

        Returns:
            list[KeyFrame]: As from :meth:`push`; empty if none is waiting.
        """
        with self._filled:
            windows = list(self._waiting)
            self._waiting.clear()
        return [self._run(window) for window in windows]

    def _run(self, window: Window) -> KeyFrame:
        if window.video != self._video:
            self._matcher.forget()
            self._video = window.video
        key_frame, = self._runner.run([window])
        self._matcher.update(key_frame)
        return key_frame
