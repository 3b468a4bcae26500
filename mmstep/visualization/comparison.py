"""What is annotated beside what was detected."""
from typing import NamedTuple, Sequence, Tuple

import cv2
import numpy as np

from .draw import Box, Color, draw_persons, style_for
from .filmstrip import filmstrip
from .text import shorten

ANNOTATED: Color = (250, 250, 250)
RIGHT: Color = (60, 210, 90)
WRONG: Color = (245, 90, 70)
DASH = 6  # of a dashed line, in widths of a line


class DetectedPerson(NamedTuple):
    """A detected person.

    Attributes:
        box (Sequence[float]): x1y1x2y2 in pixels.
        actions (Sequence[tuple[str, float]]): Label and score, best first.
        right (bool): Whether the best action is annotated there.
    """
    box: Box
    actions: Sequence[Tuple[str, float]]
    right: bool


def draw_comparison(picture: np.ndarray, annotated: Sequence[Tuple[Box, Sequence[str]]],
                    detected: Sequence[DetectedPerson], captions: Tuple[str, str]) -> np.ndarray:
    """Draws annotated persons on the left, and detected ones on the right.

    Annotated boxes are white; on the right they are there as dashed lines. Detected boxes are green where the best
    action is right, red where it is wrong.

    Args:
        picture (np.ndarray): (H, W, 3) uint8, RGB; not written to.
        annotated (Sequence[tuple]): For each person its box x1y1x2y2 in pixels and the names of its actions.
        detected (Sequence[DetectedPerson]): The detected ones.
        captions (tuple[str, str]): Over the two halves.

    Returns:
        np.ndarray: (H', W', 3) uint8, RGB.
    """
    boxes = [box for box, _ in annotated]
    left = draw_persons(
        picture,
        boxes, [[(name, None) for name in names] for _, names in annotated], [None] * len(boxes),
        colors=[ANNOTATED] * len(boxes))
    right = np.array(picture)
    for box in boxes:
        draw_dashed_box(right, box, ANNOTATED)
    right = draw_persons(
        right, [person.box for person in detected], [person.actions for person in detected], [None] * len(detected),
        colors=[RIGHT if person.right else WRONG for person in detected])
    height, width = picture.shape[:2]
    size = style_for(max(width, 240), max(height, 360)).text
    return filmstrip([[left, right]], [shorten(caption, size, width) for caption in captions])


def draw_dashed_box(picture: np.ndarray, box: Box, color: Color) -> None:
    """Draws a box with dashed lines.

    Args:
        picture (np.ndarray): (H, W, 3) uint8, written to.
        box (Sequence[float]): x1y1x2y2 in pixels.
        color (tuple[int, int, int]): In the picture's order of channels.
    """
    line = style_for(picture.shape[1], picture.shape[0]).line
    x1, y1, x2, y2 = (round(float(value)) for value in box)
    step = DASH * line
    for start in range(x1, x2, 2 * step):
        for y in (y1, y2):
            cv2.line(picture, (start, y), (min(start + step, x2), y), color, line)
    for start in range(y1, y2, 2 * step):
        for x in (x1, x2):
            cv2.line(picture, (x, start), (x, min(start + step, y2)), color, line)
