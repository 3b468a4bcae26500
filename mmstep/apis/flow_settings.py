"""What a config says about the optical flow that its model sees."""
import logging
from typing import NamedTuple, Optional

from mmengine.config import Config
from mmengine.logging import print_log

from mmstep.datasets.optical_flow import METHODS, build_flow
from mmstep.errors import LaunchError
from .config_reading import transforms_of_test

KEY = 'optical_flow'  # of a config
DECODER = 'FlowFramesDecode'


class FlowSettings(NamedTuple):
    """How the flow of a model is made from the frames of a video, the names of ``tools/data/extract_flow.py``.

    Attributes:
        num_flows (int): Consecutive maps that are stacked for each frame.
        with_pictures (bool): Whether the model sees RGB, too (early fusion, late fusion).
        method (str): See :func:`build_flow`.
        range (float): Largest displacement that is kept, in pixels of the video.
        quality (int): Of the JPEGs that the model learnt from, 1..100.
    """
    num_flows: int
    with_pictures: bool
    method: str = 'dis'
    range: float = 20.
    quality: int = 95


def flow_settings(cfg: Config) -> Optional[FlowSettings]:
    """How the optical flow of a model is made.

    What ``optical_flow = dict(method=..., range=..., quality=...)`` of the config says of the files that the model was
    trained on; what it leaves out is DIS and the defaults of ``tools/data/extract_flow.py``.

    Args:
        cfg (Config): The config.

    Returns:
        FlowSettings or None: None if the model sees pictures alone.

    Raises:
        LaunchError: If a setting is wrong, or the flow is read by another transform than ``FlowFramesDecode``.
    """
    pipeline = transforms_of_test(cfg)
    names = [transform['type'].split('.')[-1] for transform in pipeline]
    stacks = [transform['num_flows'] for transform in pipeline if transform.get('num_flows')]
    others = [name for name in names if 'Flow' in name and name != DECODER]
    if others or bool(stacks) != (DECODER in names):
        found = ', '.join(others) or ('num_flows' if stacks else DECODER)
        raise LaunchError(f'{cfg.filename}: optical flow is made as frames come for a test pipeline with '
                          f'SampleClipWindow(num_flows=...) and {DECODER} alone; this one has {found}')
    if not stacks:
        return None
    decoders = [name for name in names if name.endswith('Decode')]
    own = dict(cfg.get(KEY) or {})
    unknown = set(own) - {'method', 'range', 'quality'}
    if unknown:
        raise LaunchError(f'{cfg.filename}: {KEY} has no {", ".join(sorted(unknown))}; it takes method, range and '
                          'quality')
    settings = FlowSettings(stacks[0], len(decoders) > 1, **own)
    if settings.method not in METHODS:
        raise LaunchError(f'flow method {settings.method!r} is unknown; choose one of {", ".join(METHODS)}')
    if not 0 < settings.range < float('inf') or settings.quality not in range(1, 101):
        raise LaunchError(f'{cfg.filename}: {KEY} needs a range over 0 and a quality from 1 to 100, got '
                          f'{settings.range} and {settings.quality}')
    return settings


def choose_flow_method(cfg: Config, method: Optional[str] = None) -> None:
    """Settles how a model's flow is made, before any video is opened.

    Args:
        cfg (Config): The config, whose ``optical_flow.method`` is set; one of a model of pictures stays as it is.
        method (str, optional): The user's choice. Defaults to that of the config.

    Raises:
        LaunchError: If the method is unknown or not available here, or the model sees no flow and one is given.
    """
    if method is not None:
        cfg[KEY] = dict(cfg.get(KEY) or {}, method=method)
    settings = flow_settings(cfg)
    if settings is None:
        if method is not None:
            raise LaunchError(f'{cfg.filename}: the model sees no optical flow: leave flow method {method!r} out')
        return
    if 'method' not in (cfg.get(KEY) or {}):
        print_log(
            f'{cfg.filename} does not say by which method the optical flow was made that the model learnt from: '
            f'{settings.method} is taken. Another one: --flow-method, or {KEY} = dict(method=...) in the config',
            logger='current',
            level=logging.WARNING)
    build_flow(settings.method)  # which raises where it cannot be used
