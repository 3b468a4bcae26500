"""What a config says about testing: the window, its preparation and the names of the classes."""
import logging
from typing import List, NamedTuple, Optional

import numpy as np
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.logging import print_log

from mmstep.datasets.ava_csv import read_label_map
from mmstep.engine.errors import LaunchError

# Transforms that change where a picture's points lie in another way than Resize does.
MOVING = ('Crop', 'Flip', 'Shift', 'Pad', 'Rotate', 'Rescale')


class WindowLayout(NamedTuple):
    """How a model's window lies in time; the names are those of :class:`SampleTubeWindow`."""
    clip_len: int
    num_clips: int
    fps: float
    temporal_stride: int

    @property
    def clip_seconds(self) -> float:
        """float: Length of a clip."""
        return self.clip_len / self.fps

    def round_stride(self, seconds: Optional[float]) -> float:
        """The time between key times that comes nearest to a wanted one and is a multiple of the time between frames.

        Windows then share their frames, and each frame of the video is decoded once.

        Args:
            seconds (float, optional): The wanted time; None for the length of a clip.

        Returns:
            float: Seconds, at least the time between frames.
        """
        return self.clip_seconds if seconds is None else max(round(seconds * self.fps), 1) / self.fps

    def frame_times(self) -> np.ndarray:
        """np.ndarray: (num_clips * clip_len,) times of the frames relative to the key time, seconds."""
        num_frames = self.clip_len * self.num_clips
        return (np.arange(num_frames) - num_frames // 2) / self.fps

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


def window_layout(cfg: Config) -> WindowLayout:
    """Reads the window from the ``SampleTubeWindow`` of the config's test pipeline.

    Args:
        cfg (Config): The config.

    Returns:
        WindowLayout: The layout.

    Raises:
        LaunchError: If there is no such transform.
    """
    for transform in _test_transforms(cfg):
        if transform['type'].split('.')[-1] == 'SampleTubeWindow':
            return WindowLayout(*(transform[name] for name in WindowLayout._fields))
    raise LaunchError(f'{cfg.filename}: the test pipeline has no SampleTubeWindow, which says which frames a window '
                      'is made of')


def preparation(cfg: Config) -> Compose:
    """The part of the config's test pipeline that follows the decoding.

    Args:
        cfg (Config): The config.

    Returns:
        Compose: From frames to ``inputs`` and ``data_samples``.

    Raises:
        LaunchError: If nothing in the pipeline decodes, or a transform after that moves the picture other than by
            Resize.
    """
    pipeline = _test_transforms(cfg)
    names = [transform['type'].split('.')[-1] for transform in pipeline]
    decoders = [index for index, name in enumerate(names) if name.endswith('Decode')]
    if not decoders:
        raise LaunchError(f'{cfg.filename}: the test pipeline has no transform whose name ends with "Decode": '
                          f'{", ".join(names)}')
    rest = names[decoders[-1] + 1:]
    for name in rest:
        if any(word in name for word in MOVING):
            raise LaunchError(f'{cfg.filename}: {name} in the test pipeline; boxes can be brought back to the video '
                              'through Resize only')
    return Compose(pipeline[decoders[-1] + 1:])


def class_names(cfg: Config) -> Optional[List[str]]:
    """The names of a model's action classes.

    Taken from the config's ``class_names``, so that a model works without its data set; else from the label map
    (``label_file``) and the ``custom_classes`` of the test data.

    Args:
        cfg (Config): The config.

    Returns:
        list[str] or None: Names of the classes 1, 2, ... (column 0 of the scores is unused); None if the config has no
            names and the label map is not on disk, which is logged.
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
        return None
    ids = dataset.get('custom_classes') or range(1, dataset.get('num_classes', len(names) + 1))
    return [names.get(index, f'class {index}') for index in ids] or None
