"""Windows to compare exports on, and to calibrate quantization on."""
import copy
from contextlib import closing
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from torch import Tensor
from torch.nn.functional import interpolate

from mmstep.errors import LaunchError
from mmstep.video.video_source import VideoSource
from ..detection.detect_video import model_rate, read_window
from ..detection.frame_preparation import FramePreparation
from ..detection.window_layout import window_layout
from .graphs import window_settings


def windows_of_videos(cfg: Config, videos: Sequence[str], count: int) -> Tensor:
    """Windows spread evenly over each of some videos.

    Args:
        cfg (Config): The config.
        videos (Sequence[str]): At least one file.
        count (int): Windows of each.

    Returns:
        Tensor: Shape (len(videos) * count, 3, num_clips * K, H, W) uint8; with optical flow as
        :class:`TwoStreamPreprocessor` makes it, float32.

    Raises:
        LaunchError: If a video cannot be read.
    """
    window_settings(cfg)  # all of one size
    preparation = FramePreparation(cfg)
    packed: List[Any] = []
    for video in videos:
        with closing(VideoSource(video)) as source:
            layout = window_layout(cfg, model_rate(cfg, source))
            for key in np.linspace(0, source.times[-1], count + 2)[1:-1]:
                window = read_window(source, layout, preparation, key)
                packed.append(preparation.pack(window.frames, window.maps()))
    if preparation.flow is None:
        return torch.stack(packed)
    preprocessor = MODELS.build(cfg.model.data_preprocessor)
    return preprocessor(pseudo_collate([dict(inputs=inputs, data_samples=None) for inputs in packed]))['inputs']


def windows_of_dataset(cfg: Config, count: int) -> Tensor:
    """Windows spread evenly over a config's training data, prepared as for testing.

    Args:
        cfg (Config): The config.
        count (int): Windows at most.

    Returns:
        Tensor: Shape (n, 3, num_clips * K, H, W) uint8.

    Raises:
        LaunchError: If the config has no such data, or its windows hold more than pictures.
    """
    loaders: Dict[str, Any] = {split: cfg.get(f'{split}_dataloader') for split in ('train', 'val')}
    if not all(loaders.values()):
        raise LaunchError(f'{cfg.filename} has no train_dataloader and val_dataloader to take windows from: give '
                          '--videos')
    settings, pipeline = (copy.deepcopy(loaders[split]['dataset']) for split in ('train', 'val'))
    settings.update(pipeline=pipeline['pipeline'], test_mode=True)
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    dataset = DATASETS.build(settings)
    chosen = sorted(set(np.linspace(0, len(dataset) - 1, count).round().astype(int).tolist()))
    windows = [dataset[index]['inputs'] for index in chosen]
    if not all(isinstance(window, Tensor) for window in windows):
        raise LaunchError(f'{cfg.filename}: its windows hold optical flow; only models of pictures are calibrated')
    return torch.stack(windows)


def made_up_windows(cfg: Config, described: Dict[str, Any], count: int) -> Tensor:
    """Windows with areas that move and change.

    Args:
        cfg (Config): The config.
        described (dict): The input of the model's first part, see :class:`ExportInfo`.
        count (int): How many.

    Returns:
        Tensor: Shape (count, C, num_clips * K, H, W), bytes, or numbers about 0 as optical flow has them.
    """
    settings = window_settings(cfg)
    shape: Tuple[int, ...] = (settings['clip_len'] * settings['num_clips'], settings['height'], settings['width'])
    rng = torch.Generator().manual_seed(0)
    coarse = torch.randn(count, described['shape'][1], max(shape[0] // 4, 2), 6, 8, generator=rng)
    smooth = interpolate(coarse, shape, mode='trilinear', align_corners=True)
    return (smooth * 64 + 128).clamp(0, 255).byte() if described['dtype'] == 'uint8' else smooth
