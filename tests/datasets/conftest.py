"""Small files and windows for the tests of the data side."""
import pickle
from pathlib import Path
from typing import Callable

import numpy as np
import pytest

import mmstep  # noqa: F401  registers everything


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable:
    """Writes lines to a csv file and returns its path."""

    def write(*lines: str, name: str = 'ann.csv') -> str:
        path = tmp_path / name
        path.write_text(''.join(f'{line}\n' for line in lines))
        return str(path)

    return write


@pytest.fixture
def write_act(tmp_path: Path) -> Callable:
    """Writes a file of ACT's layout.

    ``tubes[video]`` is a list of (label, first frame, last frame); boxes are 10, 20, 29, 59 (inclusive) in 100x80
    (width, height). All videos are both training and test videos.
    """

    def write(nframes: dict, tubes: dict, /, name: str = 'gt.pkl', **changes) -> str:
        gttubes = {video: {} for video in nframes}
        for video, items in tubes.items():
            for label, first, last in items:
                rows = [(frame, 10, 20, 29, 59) for frame in range(first, last + 1)]
                gttubes[video].setdefault(label, []).append(np.array(rows, np.float32))
        content = dict(
            labels=['jump', 'run'],
            gttubes=gttubes,
            nframes=nframes,
            train_videos=[sorted(nframes)],
            test_videos=[sorted(nframes)],
            resolution={video: (80, 100)
                        for video in nframes})
        path = tmp_path / name
        path.write_bytes(pickle.dumps({**content, **changes}, protocol=2))
        return str(path)

    return write
