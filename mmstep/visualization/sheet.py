"""Many pictures on one page."""
from typing import List, Sequence

import numpy as np

from .filmstrip import BACKGROUND, filmstrip, scale_to_height
from .text import shorten


def contact_sheet(pictures: Sequence[np.ndarray],
                  captions: Sequence[str] = (),
                  columns: int = 5,
                  height: int = 240) -> np.ndarray:
    """Lays out pictures of any sizes in rows, each under its caption.

    Args:
        pictures (Sequence[np.ndarray]): (H, W, 3) uint8, RGB, at least one.
        captions (Sequence[str]): One for each picture; cut where it is too long. None by default.
        columns (int): Pictures of a row. Defaults to 5.
        height (int): Pixels of each picture. Defaults to 240.

    Returns:
        np.ndarray: (H', W', 3) uint8, RGB, on white.

    Raises:
        ValueError: If there is no picture.

    Example:
        >>> contact_sheet([np.zeros((48, 64, 3), np.uint8)] * 3, columns=2, height=48).shape
        (114, 146, 3)
    """
    cells = [scale_to_height(picture, height) for picture in pictures]
    width = max((cell.shape[1] for cell in cells), default=0)
    cells = [_pad(cell, width) for cell in cells]
    columns = max(min(columns, len(cells)), 1)
    blank = np.full((height, width, 3), BACKGROUND, dtype=np.uint8)
    cells += [blank] * (-len(cells) % columns)
    named = [*captions, *[''] * (len(cells) - len(captions))] if captions else []
    rows: List[np.ndarray] = []
    for start in range(0, len(cells), columns):
        titles = [shorten(text, max(round(height / 20), 8), width) for text in named[start:start + columns]]
        rows.append(filmstrip([cells[start:start + columns]], titles))
    if not rows:
        raise ValueError('a contact sheet needs at least one picture')
    return np.concatenate(rows)


def _pad(cell: np.ndarray, width: int) -> np.ndarray:
    left = (width - cell.shape[1]) // 2
    sides = ((0, 0), (left, width - cell.shape[1] - left), (0, 0))
    return np.pad(cell, sides, constant_values=BACKGROUND)
