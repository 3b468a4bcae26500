"""Pictures side by side in one."""
from typing import Optional, Sequence

import cv2
import numpy as np

from .draw import style_for
from .text import put_text, text_width

BACKGROUND = 255
INK = (40, 40, 40)


def filmstrip(rows: Sequence[Sequence[np.ndarray]],
              captions: Sequence[str] = (),
              row_titles: Optional[Sequence[str]] = None,
              gap: int = 6) -> np.ndarray:
    """Lays out pictures of one size in rows, with a caption over each column and a title left of each row.

    Args:
        rows (Sequence[Sequence[np.ndarray]]): Pictures (H, W, 3) uint8, RGB, all of one size; every row has equally
            many.
        captions (Sequence[str]): One for each column; none by default.
        row_titles (Sequence[str], optional): One for each row.
        gap (int): Pixels between pictures. Defaults to 6.

    Returns:
        np.ndarray: The strip, (H', W', 3) uint8, RGB, on white.

    Raises:
        ValueError: If there is no picture, or sizes or numbers differ.
    """
    if not rows or not rows[0]:
        raise ValueError('a filmstrip needs at least one picture')
    shapes = {picture.shape for row in rows for picture in row}
    if len(shapes) > 1 or len({len(row) for row in rows}) > 1:
        raise ValueError('pictures of a filmstrip must have one size and rows one length, got sizes '
                         f'{sorted(shapes)} and lengths {[len(row) for row in rows]}')
    height, width = rows[0][0].shape[:2]
    style = style_for(max(width, 240), max(height, 360))
    top = style.row + gap if captions else gap
    left = gap + (max(text_width(title, style.text) for title in row_titles) + gap if row_titles else 0)
    columns = len(rows[0])
    strip = np.full((top + len(rows) * (height + gap), left + columns * (width + gap), 3), BACKGROUND, dtype=np.uint8)
    for index, caption in enumerate(captions[:columns]):
        put_text(strip, caption, left + index * (width + gap), top - gap, INK, style.text)
    for number, row in enumerate(rows):
        y = top + number * (height + gap)
        if row_titles:
            put_text(strip, row_titles[number], gap, y + (height + style.text) // 2, INK, style.text)
        for index, picture in enumerate(row):
            x = left + index * (width + gap)
            strip[y:y + height, x:x + width] = picture
    return strip


def scale_to_height(picture: np.ndarray, height: int) -> np.ndarray:
    """Scales a picture, keeping its aspect ratio.

    Args:
        picture (np.ndarray): (H, W, 3) uint8.
        height (int): Pixels, more than 0.

    Returns:
        np.ndarray: (height, W', 3) uint8, W' at least 1.
    """
    width = max(round(picture.shape[1] * height / picture.shape[0]), 1)
    smaller = height < picture.shape[0]
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
