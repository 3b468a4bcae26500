"""How large pictures are shown."""
from typing import Tuple

# What is shown where nothing is said: seconds of larger pictures would fill the memory.
LARGEST = (1280, 720)


def display_size(source: Tuple[int, int], width: int = 0, height: int = 0) -> Tuple[int, int]:
    """Size of the pictures that are shown.

    Args:
        source (tuple[int, int]): Width and height of the camera's pictures, pixels.
        width (int): Wanted width; 0 to follow from the height.
        height (int): Wanted height; 0 to follow from the width.

    Returns:
        tuple[int, int]: Width and height, even. With neither given that of the source, at most 1280x720, turned for
        upright pictures.

    Example:
        >>> display_size((1920, 1080)), display_size((640, 480)), display_size((640, 480), height=240)
        ((1280, 720), (640, 480), (320, 240))
    """
    shown_width, shown_height = float(width), float(height)
    if not width and not height:
        largest = LARGEST if source[0] >= source[1] else LARGEST[::-1]
        scale = min(1.0, largest[0] / source[0], largest[1] / source[1])
        shown_width, shown_height = source[0] * scale, source[1] * scale
    elif not width:
        shown_width = source[0] * height / source[1]
    elif not height:
        shown_height = source[1] * width / source[0]
    return max(round(shown_width / 2) * 2, 2), max(round(shown_height / 2) * 2, 2)
