"""Drawing of boxes and labelled score bars on a picture: pure functions, readable from 128 pixels to 4K.

(The library supervision draws boxes and labels too. It is not used: its labels are plain one-line tags that neither
show a score as a bar nor make room for one another, and it asks for opencv-python, which would overwrite the headless
OpenCV of this stack.)
"""
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

import cv2
import numpy as np

from .panels import Rect, place_panels
from .text import Color, put_text, shorten, text_width

# Turning the hue by the golden ratio keeps any number of colors apart from those just before.
GOLDEN = 0.618033988749895
PANEL_COLOR = (24, 24, 24)
PANEL_OPACITY = 0.6
BAR_OPACITY = 0.75
HALO_OPACITY = 0.5
# More than this part of the picture's height is not covered by one person's labels.
MAX_PANEL_HEIGHT = 0.5

Box = Union[Sequence[float], np.ndarray]  # x1y1x2y2, pixels
Action = Tuple[str, Optional[float]]  # label, score 0..1


class Style(NamedTuple):
    """Sizes in pixels that suit a picture.

    Attributes:
        line (int): Width of a box's line.
        text (int): Height of a capital letter.
    """
    line: int
    text: int

    @property
    def row(self) -> int:
        """int: Height of one label."""
        return self.text + max(4, self.text // 2)

    def baseline(self, top: int) -> int:
        """Where the letters of a label stand whose row begins at ``top``: capitals nearly in the middle, with room for
        what hangs below the line."""
        return top + (self.row + self.text) // 2 - max(self.text // 8, 1)

    @property
    def pad(self) -> int:
        """int: Space left and right of a text."""
        return max(2, self.text // 3)


def style_for(width: int, height: int) -> Style:
    """Line width and text size for a picture.

    Args:
        width (int): Pixels.
        height (int): Pixels.

    Returns:
        Style: Lines of 1 px and text of 8 px for the smallest pictures, 9 and 48 for 4K.
    """
    side = min(width, height)
    return Style(line=max(1, round(side / 240)), text=max(8, round(side / 45)))


def person_color(person_id: int) -> Color:
    """The color of a person, the same in every picture and run.

    Args:
        person_id (int): 0 or more.

    Returns:
        tuple[int, int, int]: RGB, 0..255; bright.
    """
    hue = (0.08 + person_id * GOLDEN) % 1
    # Every third round through the hues is paler, for persons far apart in number.
    saturation = (220, 150, 255)[person_id // 5 % 3]
    pixel = cv2.cvtColor(np.array([[[round(hue * 179), saturation, 255]]], dtype=np.uint8), cv2.COLOR_HSV2RGB)
    red, green, blue = pixel[0, 0].tolist()
    return red, green, blue


def draw_persons(image: np.ndarray,
                 boxes: Sequence[Box],
                 actions: Sequence[Sequence[Action]],
                 person_ids: Sequence[Optional[int]],
                 max_labels: int = 4,
                 reserved: Sequence[Rect] = (),
                 places: Optional[Dict[int, int]] = None,
                 colors: Optional[Sequence[Color]] = None) -> np.ndarray:
    """Draws persons: a box in the person's color and, beside it, a line for each action with a bar as long as its
    score. The first line begins with the person's number, so that color alone never tells who it is.

    Args:
        image (np.ndarray): (H, W, 3) uint8, RGB; not written to.
        boxes (Sequence): n boxes x1y1x2y2 in pixels; parts outside of the picture are cut off.
        actions (Sequence): For each person (label, score 0..1), best first; labels in any script. A score of None,
            as annotations have it, is not written.
        person_ids (Sequence[int | None]): For each person the number that is written and that gives it its color;
            with None no number is written, and the color is that of 0.
        max_labels (int): Actions shown for each person; fewer where the picture is low. Defaults to 4.
        reserved (Sequence[Rect]): Areas x1y1x2y2 that labels keep free if they can. Defaults to none.
        places (dict[int, int], optional): Of a video: one dictionary for all its pictures. It remembers on which side
            each person's labels were, so that they do not jump from picture to picture. Written to.
        colors (Sequence[tuple], optional): For each person an RGB color in place of that of its number.

    Returns:
        np.ndarray: A new picture of the same size.
    """
    canvas = np.array(image)
    height, width = canvas.shape[:2]
    style = style_for(width, height)
    rects = [_clip_box(box, width, height) for box in boxes]
    numbers = [0 if number is None else number for number in person_ids]
    inks = [person_color(number) for number in numbers] if colors is None else colors
    # All boxes first, so that none crosses a label.
    for rect, ink in zip(rects, inks):
        _draw_box(canvas, rect, ink, style)
    count = max(min(max_labels, int(MAX_PANEL_HEIGHT * height / style.row)), 1)
    panels = [_rows(labels[:count], number, style, width) for labels, number in zip(actions, person_ids)]
    shown = [index for index, rows in enumerate(panels) if rows]
    before = [(places or {}).get(numbers[index]) for index in shown]
    placed = place_panels([rects[index] for index in shown], [_panel_size(panels[index], style) for index in shown],
                          (width, height), reserved, before)
    for index, (place, _) in zip(shown, placed):
        _draw_panel(canvas, place, panels[index], inks[index], style)
    if places is not None:
        # Who is not in the picture is forgotten.
        places.clear()
        places.update({numbers[index]: side for index, (_, side) in zip(shown, placed)})
    return canvas


def number_tag(person_id: int) -> str:
    """How a person's number is written, in pictures and beside them.

    Example:
        >>> number_tag(3)
        '#3'
    """
    return f'#{person_id}'


def _rows(actions: Sequence[Action], number: Optional[int], style: Style, width: int) -> List[Tuple[str, float]]:
    """The lines of a person's panel; who has a number and no action gets the number alone."""
    if number is None:
        return [_label(*action, style, width) for action in actions]
    first, *others = actions or [('', None)]
    head = (f'{number_tag(number)} {first[0]}'.rstrip(), first[1])
    return [_label(*action, style, width) for action in (head, *others)]


def _label(label: str, score: Optional[float], style: Style, width: int) -> Tuple[str, float]:
    """What is written for an action, at most as wide as the picture, the score always whole; and how full its bar
    is."""
    number = '' if score is None else f' {score:.2f}'
    room = width - 2 * style.pad - text_width(number, style.text)
    return shorten(label, style.text, room) + number, 1. if score is None else score


def _panel_size(rows: Sequence[Tuple[str, float]], style: Style) -> Tuple[int, int]:
    return max(text_width(text, style.text) for text, _ in rows) + 2 * style.pad, len(rows) * style.row


def _draw_box(canvas: np.ndarray, box: Rect, color: Color, style: Style) -> None:
    """A rectangle with a dark edge, which makes it visible on a ground of its own color."""
    x1, y1, x2, y2 = box
    edge = style.line // 2 + max(1, style.line // 3)
    for rect in ((x1, y1, x2, y1), (x1, y2, x2, y2), (x1, y1, x1, y2), (x2, y1, x2, y2)):
        left, top, right, bottom = rect
        _blend(canvas, (left - edge, top - edge, right + edge + 1, bottom + edge + 1), (0, 0, 0), HALO_OPACITY)
    cv2.rectangle(canvas, (x1, y1), (x2, y2), color, style.line)


def _draw_panel(canvas: np.ndarray, place: Rect, rows: Sequence[Tuple[str, float]], color: Color,
                style: Style) -> None:
    """Draws labels one below the other, each on a bar as long as its score."""
    x1, y1, x2, _ = place
    for index, (text, score) in enumerate(rows):
        top = y1 + index * style.row
        _blend(canvas, (x1, top, x2, top + style.row), PANEL_COLOR, PANEL_OPACITY)
        end = x1 + round((x2 - x1) * min(max(score, 0.0), 1.0))
        # A line of the panel stays free below the bar, which keeps the bars of a stack apart.
        gap = max(1, style.line // 2)
        _blend(canvas, (x1, top, end, top + style.row - gap), _darker(color), BAR_OPACITY)
        put_text(canvas, text, x1 + style.pad, style.baseline(top), (255, 255, 255), style.text)


def _darker(color: Color) -> Color:
    red, green, blue = color
    return int(0.6 * red), int(0.6 * green), int(0.6 * blue)


def _blend(canvas: np.ndarray, rect: Rect, color: Color, opacity: float) -> None:
    x1, y1, x2, y2 = (max(value, 0) for value in rect)
    part = canvas[y1:y2, x1:x2]
    if part.size:
        part[:] = cv2.addWeighted(part, 1 - opacity, np.full_like(part, color), opacity, 0)


def _clip_box(box: Box, width: int, height: int) -> Rect:
    corners = np.round(np.asarray(box, dtype=np.float64)).clip(0, (width - 1, height - 1, width - 1, height - 1))
    left, top, right, bottom = corners.astype(int).tolist()
    return left, top, right, bottom
