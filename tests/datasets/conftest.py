"""Small files and windows for the tests of the data side."""
from pathlib import Path
from typing import Callable

import cv2
import numpy as np
import pytest

import mmstep  # noqa: F401  registers everything


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


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable:
    """Writes lines to a csv file and returns its path."""

    def write(*lines: str, name: str = 'ann.csv') -> str:
        path = tmp_path / name
        path.write_text(''.join(f'{line}\n' for line in lines))
        return str(path)

    return write
