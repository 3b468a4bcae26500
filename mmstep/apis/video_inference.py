"""Detection over a video file, one key time after the other."""
from typing import Iterator, List, Optional, Sequence

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.structures import InstanceData
from torch import nn

from mmstep.engine.errors import LaunchError

from .config_reading import WindowLayout, class_names, preparation, window_layout
from .detections import Detection, KeyFrame, to_detections
from .video_reader import VideoSource

def key_times(duration: float, stride_seconds: float) -> np.ndarray:
    """0, stride, 2 * stride ... up to the last one before the video's end.

    Args:
        duration (float): Seconds, more than 0.
        stride_seconds (float): Seconds between two key times, more than 0.

    Returns:
        np.ndarray: At least one time.
    """
    count = max(int(np.ceil((duration - 1e-6) / stride_seconds)), 1)
    return np.arange(count) * stride_seconds


def detect_video(model: nn.Module,
                 cfg: Config,
                 source: VideoSource,
                 stride_seconds: Optional[float] = None,
                 score_thr: float = 0.3,
                 batch_size: int = 1) -> Iterator[KeyFrame]:
    """Detects persons and their actions along a video.

    Around each key time a window of ``num_clips * clip_len`` frames is taken at the model's own frame rate, by the
    rule by which the data set does it (before the first and after the last frame those are repeated), so videos
    shorter than a window, even of one frame, work. It goes through the transforms of the config. Rows that show one
    person are merged, see :func:`group_rows`.

    Args:
        model (nn.Module): The detector; anything with MMEngine's ``test_step``.
        cfg (Config): Its config.
        source (VideoSource): The video. Only the frames of one window are kept.
        stride_seconds (float, optional): Seconds between key times, rounded by :meth:`WindowLayout.round_stride`.
            Defaults to the length of a clip.
        score_thr (float): Actions under it are left out. Defaults to 0.3.
        batch_size (int): Windows that go through the model at once. Defaults to 1.

    Yields:
        KeyFrame: In ascending order of time, without person numbers.

    Raises:
        LaunchError: If the config does not fit (see :func:`window_layout`, :func:`preparation`).
        VideoError: If not one frame can be decoded.
    """
    layout = window_layout(cfg)
    prepare = preparation(cfg)
    labels = class_names(cfg)
    batch, times = [], []
    for time in key_times(source.duration, layout.round_stride(stride_seconds)):
        frames = source.frames_at(time + layout.frame_times())
        # Damage that was found only now ends the video earlier.
        if time >= source.duration:
            break
        batch.append(prepare(_results(frames, float(time), source.path, layout)))
        times.append(float(time))
        if len(batch) == batch_size:
            yield from _detect_batch(model, batch, times, source, layout, labels, score_thr)
            batch, times = [], []
    if batch:
        yield from _detect_batch(model, batch, times, source, layout, labels, score_thr)


def _results(frames: List[np.ndarray], time: float, video_id: str, layout: WindowLayout) -> dict:
    """What the transforms find after decoding."""
    shape = frames[0].shape[:2]
    return dict(
        imgs=frames,
        img_shape=shape,
        original_shape=shape,
        modality='RGB',
        num_clips=1,
        clip_len=layout.clip_len * layout.num_clips,
        video_id=video_id,
        timestamp=time,
        img_key=f'{video_id},{time:.3f}')


def _detect_batch(model: nn.Module, batch: list, times: List[float], source: VideoSource, layout: WindowLayout,
                  labels: Optional[Sequence[str]], score_thr: float) -> Iterator[KeyFrame]:
    with torch.no_grad():
        samples = model.test_step(pseudo_collate(batch))
    for sample, time in zip(samples, times):
        height, width = sample.img_shape
        scale = (source.width / width, source.height / height)

        def convert(instances: InstanceData) -> List[Detection]:
            return _convert(instances, time, scale, (source.width, source.height), layout, labels, score_thr)

        steps = sorted((key for key in sample.keys() if key.startswith('pred_instances_step')),
                       key=lambda key: int(key.rsplit('step', 1)[1]))
        yield KeyFrame(time, convert(sample.pred_instances), [convert(sample.get(key)) for key in steps])


def _convert(instances: InstanceData, time: float, scale: tuple, size: tuple, layout: WindowLayout,
             labels: Optional[Sequence[str]], score_thr: float) -> List[Detection]:
    """Brings the rows of one window to pixels and seconds of the video."""
    bboxes, scores, tubes = (instances[key].float().cpu().numpy() for key in ('bboxes', 'scores', 'tubes'))
    scores = scores[:, 1:]
    labels = labels or [f'class {index}' for index in range(1, scores.shape[1] + 1)]
    if len(labels) != scores.shape[1]:
        raise LaunchError(f'the config names {len(labels)} classes (class_names or label_file), the model has '
                          f'{scores.shape[1]}')
    per_clip = layout.clip_len // layout.temporal_stride
    first = (tubes.shape[1] - per_clip) // 2
    centre = tubes[:, first:first + per_clip] * np.array(scale * 2, dtype=np.float32)
    bboxes = bboxes * np.array(size * 2, dtype=np.float32)
    return to_detections(bboxes, scores, centre, time + layout.tube_times(), labels, score_thr)
