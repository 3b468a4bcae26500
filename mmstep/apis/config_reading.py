"""What a config says about testing: the window, its preparation and the names of the classes."""
import logging
from typing import List, NamedTuple, Optional, Tuple

import numpy as np
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.logging import print_log

from mmstep.datasets.ava_csv import read_label_map
from mmstep.engine.errors import LaunchError

# Transforms that change where a picture's points lie in another way than Resize does.
MOVING = ('Crop', 'Flip', 'Shift', 'Pad', 'Rotate', 'Rescale')


class WindowLayout(NamedTuple):
    """How a model's window lies in time; the names are those of :class:`SampleTubeWindow`.

    Model frame m is the one on the screen at m / fps seconds. The window of key frame m begins ``num_before`` frames
    before it.
    """
    clip_len: int
    num_clips: int
    fps: float
    temporal_stride: int

    @property
    def num_frames(self) -> int:
        """int: Frames of a window."""
        return self.clip_len * self.num_clips

    @property
    def num_before(self) -> int:
        """int: Frames of a window before its key frame."""
        return self.num_frames // 2

    @property
    def clip_seconds(self) -> float:
        """float: Length of a clip."""
        return self.clip_len / self.fps

    def hop(self, seconds: Optional[float]) -> int:
        """Model frames between two key frames for a wanted time between them, see :meth:`round_stride`."""
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


def _test_dataset(cfg: Config) -> dict:
    """The test data set's part of a config, without wrappers around it."""
    dataset = cfg.get('test_dataloader', {}).get('dataset', {})
    while 'dataset' in dataset:
        dataset = dataset['dataset']
    return dataset


def _test_transforms(cfg: Config) -> list:
    """The transforms of a test window: ``test_pipeline``, or those of the test data."""
    pipeline = cfg.get('test_pipeline') or _test_dataset(cfg).get('pipeline')
    if not pipeline:
        raise LaunchError(f'{cfg.filename}: neither test_pipeline nor test_dataloader.dataset.pipeline says how a '
                          'window is prepared')
    return pipeline


def window_layout(cfg: Config, model_fps: Optional[float] = None) -> WindowLayout:
    """Reads the window from the ``SampleTubeWindow`` or ``SampleClipWindow`` of the config's test pipeline.

    Args:
        cfg (Config): The config.
        model_fps (float, optional): For a model of native frames (``SampleClipWindow``), whose config names no rate:
            frames a second of the videos that it was trained on, or those of the video at hand.

    Returns:
        WindowLayout: The layout.

    Raises:
        LaunchError: If there is no such transform, the model needs optical flow, or ``model_fps`` is missing, not
            positive, or given for a model with a rate of its own.
    """
    for transform in _test_transforms(cfg):
        name = transform['type'].split('.')[-1]
        if name in ('SampleTubeWindow', 'SampleClipWindow'):
            refuse_flow(cfg)
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
    return WindowLayout(transform['clip_len'], transform['num_clips'], float(own or model_fps),
                        transform.get('temporal_stride', 1))


def has_native_frames(cfg: Config) -> bool:
    """Whether a model takes every frame of a video as it is, so that its config names no frame rate."""
    return any(transform['type'].split('.')[-1] == 'SampleClipWindow' for transform in _test_transforms(cfg))


def refuse_flow(cfg: Config) -> None:
    """Raises if a model needs optical flow.

    Args:
        cfg (Config): The config.

    Raises:
        LaunchError: Saying what to use instead.
    """
    flow = [
        transform['type'] for transform in _test_transforms(cfg)
        if 'Flow' in transform['type'] or transform.get('num_flows')
    ]
    if flow:
        raise LaunchError(f'{cfg.filename}: the model needs optical flow ({", ".join(flow)}), which is not made here: '
                          'pictures alone are read from a video or a stream. Take an RGB config, or extract the flow '
                          'with tools/data/extract_flow.py and run tools/test.py')


def split_preparation(cfg: Config) -> Tuple[Compose, Compose]:
    """The part of the config's test pipeline that follows the decoding.

    Args:
        cfg (Config): The config.

    Returns:
        tuple[Compose, Compose]: What is done to each frame, and the packing of frames into ``inputs`` and
        ``data_samples``, which begins with FormatShape.

    Raises:
        LaunchError: If nothing in the pipeline decodes or packs, or a transform between moves the picture other than
            by Resize.
    """
    pipeline = _test_transforms(cfg)
    names = [transform['type'].split('.')[-1] for transform in pipeline]
    decoders = [index for index, name in enumerate(names) if name.endswith('Decode')]
    if not decoders:
        raise LaunchError(f'{cfg.filename}: the test pipeline has no transform whose name ends with "Decode": '
                          f'{", ".join(names)}')
    if 'FormatShape' not in names:
        raise LaunchError(f'{cfg.filename}: the test pipeline has no FormatShape: {", ".join(names)}')
    first, packing = decoders[-1] + 1, names.index('FormatShape')
    for name in names[first:]:
        if any(word in name for word in MOVING):
            raise LaunchError(f'{cfg.filename}: {name} in the test pipeline; boxes can be brought back to the video '
                              'through Resize only')
    return Compose(pipeline[first:packing]), Compose(pipeline[packing:])


def class_names(cfg: Config) -> Optional[List[str]]:
    """The names of a model's action classes.

    Taken from the config's ``class_names``, so that a model works without its data set; else from the label map
    (``label_file``) and the ``custom_classes`` of the test data. Without any they are "class 1", "class 2" ... by the
    model's number of classes, which is logged.

    Args:
        cfg (Config): The config.

    Returns:
        list[str] or None: Names of the classes 1, 2, ... (column 0 of the scores is unused); None if the config has
            neither names nor a number of classes.
    """
    if cfg.get('class_names'):
        return list(cfg.class_names)
    dataset = _test_dataset(cfg)
    path = dataset.get('label_file') or cfg.get('label_file')
    try:
        names = read_label_map(path) if path else {}
    except FileNotFoundError as error:
        print_log(
            f'{error}: classes are called "class 1", "class 2" ... '
            "Put class_names = ['walk', ...] into the config to name them",
            logger='current',
            level=logging.WARNING)
        return _numbered_classes(cfg)
    ids = dataset.get('custom_classes') or range(1, dataset.get('num_classes', len(names) + 1))
    return [names.get(index, f'class {index}') for index in ids] or _numbered_classes(cfg)


def _numbered_classes(cfg: Config) -> Optional[List[str]]:
    """Names classes by their number, from 'class 1' on, as many as the model's heads have."""
    head = cfg.get('model', {}).get('roi_head', {}).get('bbox_head', {})
    count = (head[0] if isinstance(head, (list, tuple)) else head).get('num_classes')
    return count and [f'class {index}' for index in range(1, count + 1)]


def class_ids(cfg: Config, count: int) -> List[int]:
    """The numbers that a model's action classes have in the label map.

    Args:
        cfg (Config): The config.
        count (int): Number of classes.

    Returns:
        list[int]: ``custom_classes`` of the test data, else 1 to ``count``.
    """
    chosen = _test_dataset(cfg).get('custom_classes')
    return [int(index) for index in chosen] if chosen else list(range(1, count + 1))
