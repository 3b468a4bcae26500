"""Which frames a model sees in one window."""
from typing import NamedTuple, Optional

import numpy as np
from mmengine.config import Config

from mmstep.errors import LaunchError
from ..config_reading import transforms_of_test


class WindowLayout(NamedTuple):
    """How a model's window lies in time; the names are those of :class:`SampleTubeWindow`.

    Model frame m is the one on the screen at m / fps seconds. The window of key frame m begins ``num_before`` frames
    before it. With optical flow ``num_flows`` maps are stacked for each frame, of that frame and those after it.
    """
    clip_len: int
    num_clips: int
    fps: float
    temporal_stride: int
    num_flows: int = 0

    @property
    def num_frames(self) -> int:
        """int: Frames of a window."""
        return self.clip_len * self.num_clips

    @property
    def num_before(self) -> int:
        """int: Frames of a window before its key frame."""
        return self.num_frames // 2

    @property
    def num_after(self) -> int:
        """int: Frames after the key frame that have to be known: those of the window, and with flow those to which it
        leads."""
        return self.num_frames - 1 - self.num_before + self.num_flows

    @property
    def clip_seconds(self) -> float:
        """float: Length of a clip."""
        return self.clip_len / self.fps

    def hop(self, seconds: Optional[float]) -> int:
        """Model frames between two key frames for a wanted time between them, see :meth:`round_stride`."""
        if seconds is not None and not 0 < seconds < float('inf'):
            raise LaunchError(f'the stride must be a number of seconds over 0, got {seconds}')
        return self.clip_len if seconds is None else max(round(seconds * self.fps), 1)

    def round_stride(self, seconds: Optional[float]) -> float:
        """The time between key times that comes nearest to a wanted one and is a multiple of the time between frames.

        Windows then share their frames, and each frame of the video is decoded once.

        Args:
            seconds (float, optional): The wanted time; None for the length of a clip.

        Returns:
            float: Seconds, at least the time between frames.
        """
        return self.hop(seconds) / self.fps

    def frame_times(self) -> np.ndarray:
        """np.ndarray: (num_clips * clip_len,) times of the frames relative to the key time, seconds."""
        return (np.arange(self.num_frames) - self.num_before) / self.fps

    def tube_times(self) -> np.ndarray:
        """np.ndarray: (K / r,) times of the centre clip's feature frames, likewise; each the mean of its frames'."""
        first = self.num_clips // 2 * self.clip_len
        clip = self.frame_times()[first:first + self.clip_len]
        return clip.reshape(-1, self.temporal_stride).mean(axis=1)


def window_layout(cfg: Config, model_fps: Optional[float] = None) -> WindowLayout:
    """Reads the window from the ``SampleTubeWindow`` or ``SampleClipWindow`` of the config's test pipeline.

    Args:
        cfg (Config): The config.
        model_fps (float, optional): For a model of native frames (``SampleClipWindow``), whose config names no rate:
            frames a second of the videos that it was trained on, or those of the video at hand.

    Returns:
        WindowLayout: The layout.

    Raises:
        LaunchError: If there is no such transform, or ``model_fps`` is missing, not positive, or given for a model
            with a rate of its own.
    """
    for transform in transforms_of_test(cfg):
        name = transform['type'].split('.')[-1]
        if name in ('SampleTubeWindow', 'SampleClipWindow'):
            return _layout(cfg, transform, model_fps)
    raise LaunchError(
        f'{cfg.filename}: the test pipeline has neither SampleTubeWindow nor SampleClipWindow, which say '
        'which frames a window is made of')


def _layout(cfg: Config, transform: dict, model_fps: Optional[float]) -> WindowLayout:
    own = transform.get('fps')
    if own is not None and model_fps is not None:
        raise LaunchError(f'model_fps={model_fps:g}: {cfg.filename} sets {own} frames a second itself')
    if own is None and (model_fps is None or not 0 < model_fps <= 1000):
        raise LaunchError(
            f'model_fps={model_fps}: {cfg.filename} is a model of native frames, so the frames a second have to be '
            'given: those of the videos it was trained on (UCF101-24: 25, J-HMDB: 30)')
    fps = model_fps if own is None else own
    assert fps is not None  # one of the two is there
    return WindowLayout(transform['clip_len'], transform['num_clips'], float(fps), transform.get('temporal_stride', 1),
                        transform.get('num_flows', 0))


def has_native_frames(cfg: Config) -> bool:
    """Whether a model takes every frame of a video as it is, so that its config names no frame rate."""
    return any(transform['type'].split('.')[-1] == 'SampleClipWindow' for transform in transforms_of_test(cfg))
