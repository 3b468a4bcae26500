"""Lines of status on a picture."""
from typing import Sequence

import numpy as np

from .draw import style_for
from .panels import Rect
from .text import put_text, shorten, text_width


def draw_status(image: np.ndarray, lines: Sequence[str]) -> None:
    """Writes lines into the upper left corner, on a dark ground.

    Args:
        image (np.ndarray): (H, W, 3) uint8, written to.
        lines (Sequence[str]): Cut to the picture's width; may be empty.
    """
    height, width = image.shape[:2]
    style = style_for(width, height)
    for index, line in enumerate(lines):
        line = shorten(line, style.text, width - 2 * style.pad)
        top = index * style.row
        image[top:top + style.row, :text_width(line, style.text) + 2 * style.pad] //= 4
        put_text(image, line, style.pad, style.baseline(top), (255, 255, 255), style.text)


def status_area(width: int, height: int, lines: Sequence[str]) -> Rect:
    """The area that :func:`draw_status` needs.

    Args:
        width (int): Of the picture, pixels.
        height (int): Of the picture, pixels.
        lines (Sequence[str]): The lines.

    Returns:
        tuple[int, int, int, int]: x1y1x2y2 in pixels, at most as wide as the picture.
    """
    style = style_for(width, height)
    longest = max((text_width(line, style.text) for line in lines), default=0)
    return 0, 0, min(longest + 2 * style.pad, width), len(lines) * style.row
