"""Text on pictures, in any script.

OpenCV 5 brings a Unicode font of its own, so that labels look alike on every machine and need no font file. An OpenCV
4 can write ASCII only; there Pillow writes with the DejaVu font that comes with Matplotlib, which has the European
alphabets, Arabic and more, but no Chinese, Japanese or Korean.
"""
import os.path as osp
from functools import lru_cache
from typing import Tuple, Union

import cv2
import numpy as np

Color = Tuple[int, int, int]

# Height of a capital letter as a part of a font's size.
CAPITAL = 0.73
# Of 100..1000; a little stronger than regular, for bright letters on a dark ground.
WEIGHT = 500


def text_width(text: str, height: int) -> int:
    """Width of a text.

    Args:
        text (str): One line.
        height (int): Height of a capital letter in pixels.

    Returns:
        int: Pixels.
    """
    return text_engine().width(text, _font_size(height))


def shorten(text: str, height: int, width: int) -> str:
    """Cuts a text to a width, with an ellipsis where something is missing.

    Args:
        text (str): One line.
        height (int): Height of a capital letter in pixels.
        width (int): Pixels there are.

    Returns:
        str: The text, or its beginning and "..."; empty if not even that has room.
    """
    if text_width(text, height) <= width:
        return text
    fits = [end for end in range(len(text)) if text_width(text[:end].rstrip() + '...', height) <= width]
    return text[:fits[-1]].rstrip() + '...' if fits else ''


def put_text(image: np.ndarray, text: str, left: int, bottom: int, color: Color, height: int) -> None:
    """Writes a line into a picture. What lies outside is cut off; characters that the font lacks become a mark.

    Args:
        image (np.ndarray): (H, W, 3) uint8, written to.
        text (str): One line.
        left (int): Where it starts, pixels.
        bottom (int): The line on which the letters stand, pixels.
        color (tuple[int, int, int]): In the picture's order of channels, 0..255.
        height (int): Height of a capital letter in pixels.
    """
    text_engine().write(image, text, left, bottom, color, _font_size(height))


def _font_size(height: int) -> int:
    return max(round(height / CAPITAL), 1)


class OpenCVText:
    """The Unicode font inside OpenCV 5."""

    def __init__(self) -> None:
        self._font = cv2.FontFace('uni')

    def width(self, text: str, size: int) -> int:
        """Width of a text in pixels at a size of the font."""
        # The picture's size is what a text is wrapped at.
        return cv2.getTextSize((1 << 15, 1 << 15), text, (0, 0), self._font, size, WEIGHT)[2]

    def write(self, image: np.ndarray, text: str, left: int, bottom: int, color: Color, size: int) -> None:
        """Writes a text into a picture, its base line's start at ``(left, bottom)``."""
        cv2.putText(image, text, (left, bottom), color, self._font, size, WEIGHT, 0, (0, 1 << 15))


class PillowText:
    """Matplotlib's DejaVu font, drawn by Pillow."""

    def __init__(self) -> None:
        import matplotlib
        from PIL import ImageFont
        path = osp.join(matplotlib.get_data_path(), 'fonts', 'ttf', 'DejaVuSans.ttf')
        self._font = lru_cache(lambda size: ImageFont.truetype(path, size))

    def width(self, text: str, size: int) -> int:
        """Width of a text in pixels at a size of the font."""
        return round(self._font(size).getlength(text))

    def write(self, image: np.ndarray, text: str, left: int, bottom: int, color: Color, size: int) -> None:
        """Writes a text into a picture, its base line's start at ``(left, bottom)``."""
        from PIL import Image, ImageDraw
        canvas = Image.fromarray(image)
        ImageDraw.Draw(canvas).text((left, bottom), text, font=self._font(size), fill=color, anchor='ls')
        image[:] = np.asarray(canvas)


@lru_cache(maxsize=1)
def text_engine() -> Union[OpenCVText, PillowText]:
    """What writes texts here: OpenCV's own font where this OpenCV has it, Pillow otherwise."""
    return OpenCVText() if hasattr(cv2, 'FontFace') else PillowText()
