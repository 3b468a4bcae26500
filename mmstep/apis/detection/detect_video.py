"""Detection over a video file, one key time after the other."""
from math import ceil
from typing import Iterator, Optional

import numpy as np
from mmengine.config import Config
from torch import nn

from mmstep.errors import VideoError
from mmstep.utils import ahead
from mmstep.video.frame_times import TIME_TOLERANCE
from mmstep.video.sources import FrameSource, SeekableSource
from ..persons.detections import KeyFrame
from ..persons.score_thresholds import ScoreThreshold
from .frame_preparation import FramePreparation
from .model_frames import ModelFrames, Window, last_model_frame
from .window_layout import WindowLayout, has_native_frames, window_layout
from .window_runner import WindowRunner


def key_times(last: float, stride_seconds: float) -> np.ndarray:
    """0, stride, 2 * stride ... up to the start of the last frame.

    Args:
        last (float): When the video's last frame starts, seconds, 0 or more.
        stride_seconds (float): Seconds between two key times, more than 0.

    Returns:
        np.ndarray: At least one time.
    """
    return np.arange(int((last + TIME_TOLERANCE) / stride_seconds) + 1) * stride_seconds


def model_rate(cfg: Config, source: FrameSource, model_fps: Optional[float] = None) -> Optional[float]:
    """The frame rate that a model's windows need to be told.

    Args:
        cfg (Config): The config.
        source (FrameSource): The video.
        model_fps (float, optional): The user's choice.

    Returns:
        float or None: ``model_fps``; where it is not given the video's rate for a model of native frames, and None for
        a model with a rate of its own.
    """
    return source.fps if model_fps is None and has_native_frames(cfg) else model_fps


def video_layout(cfg: Config, source: FrameSource, model_fps: Optional[float] = None) -> WindowLayout:
    """How a model's windows lie in a video.

    Args:
        cfg (Config): The config.
        source (FrameSource): The video.
        model_fps (float, optional): For a model of native frames, see :func:`window_layout`. Defaults to the video's
            rate.

    Returns:
        WindowLayout: The layout.

    Raises:
        LaunchError: See :func:`window_layout`.
    """
    return window_layout(cfg, model_rate(cfg, source, model_fps))


def detect_video(model: nn.Module,
                 cfg: Config,
                 source: SeekableSource,
                 stride_seconds: Optional[float] = None,
                 score_thr: ScoreThreshold = 0.3,
                 batch_size: int = 1,
                 model_fps: Optional[float] = None,
                 reuse_features: bool = True,
                 start: int = 0) -> Iterator[KeyFrame]:
    """Detects persons and their actions along a video.

    Around each key time a window of ``num_clips * clip_len`` frames is taken at the model's own frame rate, by the
    rule by which the data set does it (before the first and after the last frame those are repeated), so videos
    shorter than a window, even of one frame, work. It goes through the transforms of the config. Boxes that show one
    person are merged, see :func:`group_boxes`.

    Args:
        model (nn.Module): The detector; anything with MMEngine's ``test_step``.
        cfg (Config): Its config.
        source (SeekableSource): The video; a thread reads it ahead. Only the prepared frames of two batches are kept.
        stride_seconds (float, optional): Seconds between key times, rounded by :meth:`WindowLayout.round_stride`.
            Defaults to the length of a clip.
        score_thr (float | dict): Actions under it are left out, see :func:`class_thresholds`. Defaults to 0.3.
        batch_size (int): Windows that go through the model at once. Defaults to 1.
        model_fps (float, optional): See :func:`video_layout`.
        reuse_features (bool): Whether windows share the features of their clips where they can, see
            :class:`WindowRunner`. Defaults to True.
        start (int): Number of the first key time to yield. The results are those of a run from the beginning, to the
            last bit: the few windows before it run too, so that batches are the same. Defaults to 0.

    Yields:
        KeyFrame: In ascending order of time, without person numbers.

    Raises:
        LaunchError: If the config does not fit (see :func:`window_layout`, :func:`split_preparation`).
        VideoError: If not one frame can be decoded, or the model needs optical flow and the video has one frame.
    """
    layout = video_layout(cfg, source, model_fps)
    preparation = FramePreparation(cfg)
    hop = layout.hop(stride_seconds)
    runner = WindowRunner(model, cfg, layout, hop, preparation, score_thr, reuse_features)
    # After one window's length the same clips are at hand as in a run from the beginning, after another one all of
    # them have gone through the backbone in the same company.
    lead = 2 * ceil(layout.num_frames / hop) if runner.reuses_features else 0
    first = max((start - 1 - lead) // batch_size * batch_size, 0)
    batch = []
    # Decoding and preparation go on while the model runs.
    for window in ahead(_windows(source, layout, hop, preparation, first), batch_size):
        batch.append(window)
        if len(batch) == batch_size:
            yield from runner.run(batch)[max(start - first, 0):]
            first += batch_size
            batch = []
    if batch:
        yield from runner.run(batch)[max(start - first, 0):]


def _windows(source: SeekableSource, layout: WindowLayout, hop: int, preparation: FramePreparation,
             first: int) -> Iterator[Window]:
    """Reads a video frame by frame from a window on; every model frame is decoded and prepared once."""
    frames = ModelFrames(layout, preparation)
    picture: Optional[np.ndarray] = None
    newest = -1
    for number in range(first, len(key_times(source.times[-1], hop / layout.fps))):
        key = number * hop
        begin = frames.first_needed(key)
        frames.forget(begin)
        end = min(frames.last_needed(key), last_model_frame(source.times[-1], layout.fps))
        for newest in range(max(begin, newest + 1), end + 1):
            shown, = source.frames_at([newest / layout.fps])
            if shown is not picture:
                picture = shown
                frames.show(shown)
            frames.add(newest)
        # Damage that was found only now ends the video earlier.
        if key / layout.fps > source.times[-1] + TIME_TOLERANCE:
            return
        yield _window(source, layout, frames, key)


def _window(source: SeekableSource, layout: WindowLayout, frames: ModelFrames, key: int) -> Window:
    """Puts a window together whose frames have been read, and makes the flow that it lacks."""
    last = last_model_frame(source.times[-1], layout.fps)
    try:
        window = frames.window(0, key, key / layout.fps, last if last < frames.last_needed(key) else None)
        window.maps()
    except VideoError as error:
        raise VideoError(f'{source.path}: {error}') from error
    return window


def read_window(source: SeekableSource, layout: WindowLayout, preparation: FramePreparation, time: float) -> Window:
    """Reads one window of a video.

    Args:
        source (SeekableSource): The video.
        layout (WindowLayout): How windows lie.
        preparation (FramePreparation): Prepares frames.
        time (float): The key time; the nearest model frame is taken.

    Returns:
        Window: The window.

    Raises:
        VideoError: If the model needs optical flow and the video has one frame.
    """
    frames, key = ModelFrames(layout, preparation), round(time * layout.fps)
    numbers = range(frames.first_needed(key), frames.last_needed(key) + 1)
    numbers = range(numbers.start, min(numbers.stop, last_model_frame(source.times[-1], layout.fps) + 1))
    for number, picture in zip(numbers, source.frames_at([number / layout.fps for number in numbers])):
        frames.show(picture)
        frames.add(number)
    return _window(source, layout, frames, key)
