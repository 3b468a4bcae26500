"""Where the labels of the persons in a picture go."""
from typing import List, Optional, Sequence, Tuple

import numpy as np

Rect = Tuple[int, int, int, int]
# The panel, and which of the places around the person it has.
PlacedPanel = Tuple[Rect, int]


def place_panel(box: Sequence[float],
                size: Tuple[int, int],
                frame: Tuple[int, int],
                taken: Sequence[Rect],
                boxes: Sequence[Sequence[float]] = (),
                before: Optional[int] = None) -> PlacedPanel:
    """Finds a place for a person's labels.

    Places are tried above the box, below it, right and left of it, inside at its bottom and at its top (where the face
    is); all are pushed into the frame. The first one that hides neither another panel nor a person is taken; if there
    is none, the one that hides the least, where a hidden panel counts eight times another person, and the person
    itself half.

    Args:
        box (Sequence[float]): x1y1x2y2 of the person, pixels.
        size (tuple[int, int]): Width and height of the panel.
        frame (tuple[int, int]): Width and height of the picture.
        taken (Sequence[Rect]): Panels placed before.
        boxes (Sequence): Boxes of the other persons. Defaults to none.
        before (int, optional): Number of the place in the picture before. It is kept unless another one is better by
            half of the panel, so that panels do not jump to and fro.

    Returns:
        tuple: x1y1x2y2 of the panel, in the frame unless it is larger than that; and the number of the place, 0..5 in
        the order above.
    """
    width, height = size
    x1, y1, x2, y2 = (round(float(value)) for value in box)
    corners = np.array([(x1, y1 - height), (x1, y2), (x2, y1), (x1 - width, y1), (x1, y2 - height), (x1, y1)])
    corners = corners.clip(0, np.maximum(np.array(frame) - size, 0))
    places = np.concatenate([corners, corners + size], axis=1)
    hidden = 8 * _shared(places, taken) + _shared(places, boxes) + 0.5 * _shared(places, [box])
    if before is not None:
        hidden[before] -= 0.5 * width * height
    number = int(np.argmin(hidden))
    left, top, right, bottom = places[number]
    return (int(left), int(top), int(right), int(bottom)), number


def place_panels(boxes: Sequence[Sequence[float]],
                 sizes: Sequence[Tuple[int, int]],
                 frame: Tuple[int, int],
                 reserved: Sequence[Rect] = (),
                 before: Optional[Sequence[Optional[int]]] = None) -> List[PlacedPanel]:
    """Places the panels of all persons, one after the other.

    Args:
        boxes (Sequence): n boxes x1y1x2y2, pixels.
        sizes (Sequence[tuple[int, int]]): Width and height of each one's panel.
        frame (tuple[int, int]): Width and height of the picture.
        reserved (Sequence[Rect]): Areas to keep free. Defaults to none.
        before (Sequence[int | None], optional): For each person see :func:`place_panel`.

    Returns:
        list[tuple]: For each panel see :func:`place_panel`.
    """
    taken, places = list(reserved), []
    for index, (box, size) in enumerate(zip(boxes, sizes)):
        others = [other for number, other in enumerate(boxes) if number != index]
        places.append(place_panel(box, size, frame, taken, others, before[index] if before else None))
        taken.append(places[-1][0])
    return places


def _shared(places: np.ndarray, others: Sequence[Sequence[float]]) -> np.ndarray:
    """Area in pixels that each of some places shares with all others together."""
    if not len(others):
        return np.zeros(len(places))
    boxes = np.asarray(others, dtype=np.float64)
    low = np.maximum(places[:, None, :2], boxes[None, :, :2])
    high = np.minimum(places[:, None, 2:], boxes[None, :, 2:])
    return (high - low).clip(0).prod(axis=2).sum(axis=1)
