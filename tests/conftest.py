"""Shared set-up of the tests."""
import random
from pathlib import Path
from typing import Callable

import cv2
import numpy as np
import pytest
import torch

import mmstep  # noqa: F401  registers every component


def pytest_collection_modifyitems(config, items) -> None:
    """Leaves the fault campaign out unless the marker expression names it."""
    if 'campaign' not in config.option.markexpr:
        chosen = [item for item in items if item.get_closest_marker('campaign') is None]
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker('campaign')])
        items[:] = chosen


@pytest.fixture(autouse=True)
def seed() -> int:
    """Seeds every source of chance before each test."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    return 0


@pytest.fixture(autouse=True)
def mmaction_scope() -> None:
    """Builds from ``mmaction.registry`` whatever scope an earlier test left behind."""
    from mmengine.registry import init_default_scope
    init_default_scope('mmaction')


@pytest.fixture
def write_video() -> Callable:
    """Writes a real video whose frame i has the grey level ``grey(i)`` all over."""

    def write(path: Path,
              num_frames: int = 40,
              fps: float = 30,
              size=(32, 24),
              fourcc: str = 'mp4v',
              grey=lambda i: 20 + 5 * i) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*fourcc), fps, size)
        assert writer.isOpened()
        for index in range(num_frames):
            writer.write(np.full((size[1], size[0], 3), grey(index), dtype=np.uint8))
        writer.release()
        return str(path)

    return write
