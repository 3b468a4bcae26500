"""Drawing of boxes and labelled score bars on a picture: pure functions, readable from 128 pixels to 4K.

Text is drawn by OpenCV. (The library supervision, which draws all this too, is not used: it needs opencv-python, which
would overwrite the headless OpenCV of this stack.)
"""
from typing import List, NamedTuple, Sequence, Tuple

import cv2
import numpy as np

Colour = Tuple[int, int, int]
Rect = Tuple[int, int, int, int]

FONT = cv2.FONT_HERSHEY_SIMPLEX
# Turning the hue by the golden ratio keeps any number of colours apart from those just before.
GOLDEN = 0.618033988749895
PANEL_COLOUR = (24, 24, 24)
PANEL_OPACITY = 0.6
BAR_OPACITY = 0.75


class Style(NamedTuple):
    """Sizes in pixels that suit a picture."""
    line: int
    text: int

    @property
    def row(self) -> int:
        """int: Height of one label."""
        return self.text + max(4, self.text // 2)

    @property
    def pad(self) -> int:
        """int: Space left and right of a text."""
        return max(2, self.text // 4)

    @property
    def font_scale(self) -> float:
        """float: Scale at which a capital letter is about ``text`` pixels high, of OpenCV's font of 22."""
        return self.text / 22

    @property
    def font_line(self) -> int:
        """int: Thickness of the strokes."""
        return max(1, round(self.text / 14))


def style_for(width: int, height: int) -> Style:
    """Line width and text size for a picture.

    Args:
        width (int): Pixels.
        height (int): Pixels.

    Returns:
        Style: Lines of 1 px and text of 8 px for the smallest pictures, 6 and 60 for 4K.
    """
    side = min(width, height)
    return Style(line=max(1, round(side / 360)), text=max(8, round(side / 36)))


def person_colour(person_id: int) -> Colour:
    """The colour of a person, the same in every picture and run.

    Args:
        person_id (int): 0 or more.

    Returns:
        tuple[int, int, int]: RGB, 0..255; bright.
    """
    hue = (0.08 + person_id * GOLDEN) % 1
    # Every third round through the hues is paler, for persons far apart in number.
    saturation = (220, 150, 255)[person_id // 5 % 3]
    pixel = cv2.cvtColor(np.uint8([[[round(hue * 179), saturation, 255]]]), cv2.COLOR_HSV2RGB)
    return tuple(int(value) for value in pixel[0, 0])


def text_size(text: str, style: Style) -> Tuple[int, int]:
    """Width and height of a text in pixels."""
    return cv2.getTextSize(text, FONT, style.font_scale, style.font_line)[0]


def put_text(image: np.ndarray, text: str, left: int, bottom: int, colour: Colour, style: Style) -> None:
    """Writes a text into ``image`` at its lower left corner; characters that are not ASCII become '?'."""
    plain = text.encode('ascii', 'replace').decode()
    cv2.putText(image, plain, (left, bottom), FONT, style.font_scale, colour, style.font_line, cv2.LINE_AA)


def place_panel(box: Sequence[float], size: Tuple[int, int], frame: Tuple[int, int], taken: Sequence[Rect]) -> Rect:
    """Finds a place for a person's labels: above the box, else below, else inside at its top, in this order the first
    one that lies in the frame and on no other panel; if there is none, the first one, pushed into the frame.

    Args:
        box (Sequence[float]): x1y1x2y2 of the person, pixels.
        size (tuple[int, int]): Width and height of the panel.
        frame (tuple[int, int]): Width and height of the picture.
        taken (Sequence[Rect]): Panels placed before.

    Returns:
        tuple[int, int, int, int]: x1y1x2y2 of the panel; in the frame unless it is larger than that.
    """
    width, height = size
    left = int(np.clip(box[0], 0, max(frame[0] - width, 0)))
    tops = [round(box[1]) - height, round(box[3]), round(box[1])]
    places = [(left, top, left + width, top + height) for top in tops]
    for place in places:
        if place[1] >= 0 and place[3] <= frame[1] and not any(_meet(place, other) for other in taken):
            return place
    top = int(np.clip(tops[0], 0, max(frame[1] - height, 0)))
    return left, top, left + width, top + height


def draw_persons(image: np.ndarray, boxes: Sequence[Sequence[float]], actions: Sequence[Sequence[Tuple[str, float]]],
                 person_ids: Sequence[int], max_labels: int = 4) -> np.ndarray:
    """Draws persons: a box in the person's colour and, beside it, a line for each action with a bar as long as its
    score.

    Args:
        image (np.ndarray): (H, W, 3) uint8, RGB; not written to.
        boxes (Sequence): n boxes x1y1x2y2 in pixels; parts outside of the picture are cut off.
        actions (Sequence): For each person (label, score 0..1), best first.
        person_ids (Sequence[int]): For each person the number that gives it its colour.
        max_labels (int): Actions shown for each person. Defaults to 4.

    Returns:
        np.ndarray: A new picture of the same size.
    """
    canvas = np.array(image)
    height, width = canvas.shape[:2]
    style = style_for(width, height)
    # All boxes first, so that none crosses a label.
    for box, person_id in zip(boxes, person_ids):
        x1, y1, x2, y2 = _clip_box(box, width, height)
        cv2.rectangle(canvas, (x1, y1), (x2, y2), person_colour(person_id), style.line)
    taken: List[Rect] = []
    for box, labels, person_id in zip(boxes, actions, person_ids):
        rows = [(f'{label} {score:.2f}', score) for label, score in labels[:max_labels]]
        if rows:
            size = (max(text_size(text, style)[0] for text, _ in rows) + 2 * style.pad, len(rows) * style.row)
            place = place_panel(_clip_box(box, width, height), size, (width, height), taken)
            _draw_panel(canvas, place, rows, person_colour(person_id), style)
            taken.append(place)
    return canvas


def _draw_panel(canvas: np.ndarray, place: Rect, rows: Sequence[Tuple[str, float]], colour: Colour,
                style: Style) -> None:
    """Draws labels one below the other, each on a bar as long as its score."""
    x1, y1, x2, _ = place
    for index, (text, score) in enumerate(rows):
        top = y1 + index * style.row
        _blend(canvas, (x1, top, x2, top + style.row), PANEL_COLOUR, PANEL_OPACITY)
        end = x1 + round((x2 - x1) * min(max(score, 0.0), 1.0))
        # A line of the panel stays free below the bar, which keeps the bars of a stack apart.
        _blend(canvas, (x1, top, end, top + style.row - 1), tuple(int(0.6 * value) for value in colour), BAR_OPACITY)
        bottom = top + (style.row + text_size('0', style)[1]) // 2
        put_text(canvas, text, x1 + style.pad, bottom, (255, 255, 255), style)


def _blend(canvas: np.ndarray, rect: Rect, colour: Colour, opacity: float) -> None:
    x1, y1, x2, y2 = (max(value, 0) for value in rect)
    part = canvas[y1:y2, x1:x2]
    part[:] = (part * (1 - opacity) + np.array(colour) * opacity).astype(np.uint8)


def _clip_box(box: Sequence[float], width: int, height: int) -> Rect:
    corners = np.round(np.asarray(box, dtype=np.float64)).clip(0, (width - 1, height - 1, width - 1, height - 1))
    return tuple(int(value) for value in corners)


def _meet(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
