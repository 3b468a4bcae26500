"""Overlap of boxes and tubes, and suppression by it."""
from typing import Tuple

import numpy as np


def box_iou(first: np.ndarray, second: np.ndarray, plus_one: bool = True) -> np.ndarray:
    """IoU of boxes, with broadcasting.

    Args:
        first (np.ndarray): (..., 4) x1, y1, x2, y2.
        second (np.ndarray): (..., 4).
        plus_one (bool): Whether x2 and y2 belong to the box. Defaults to True.

    Returns:
        np.ndarray: Shape of the two without the last axis, in [0, 1]; 0 for boxes without area.

    Example:
        >>> box_iou(np.array([0, 0, 9, 9]), np.array([[0, 0, 9, 4], [10, 0, 19, 9]]))
        array([0.5, 0. ])
    """
    one = float(plus_one)
    x1, y1, x2, y2 = (first[..., column] for column in range(4))
    u1, v1, u2, v2 = (second[..., column] for column in range(4))
    width = np.minimum(x2, u2) - np.maximum(x1, u1) + one
    height = np.minimum(y2, v2) - np.maximum(y1, v1) + one
    inter = np.maximum(width, 0) * np.maximum(height, 0)
    union = (x2 - x1 + one) * (y2 - y1 + one) + (u2 - u1 + one) * (v2 - v1 + one) - inter
    return np.divide(inter, union, out=np.zeros_like(inter, dtype=np.float64), where=union > 0)


def greedy_nms(iou: np.ndarray, scores: np.ndarray, iou_thr: float, soft: bool = False) -> np.ndarray:
    """Non-maximum suppression of many groups and classes at once.

    The only loop is over the rank of a box in its group.

    Args:
        iou (np.ndarray): (F, n, n), of the boxes of each group; or the sum of the IoU of tubelets' boxes.
        scores (np.ndarray): (F, L, n), the boxes' scores for each class. One that is not over 0 does not count. Ties
            go to the smaller index.
        iou_thr (float): Boxes with a larger IoU with a better one are suppressed.
        soft (bool): They stay, their score multiplied by 1 - IoU with the best box that suppresses them.

    Returns:
        np.ndarray: (F, L, n), the scores; NaN where nothing is left: suppressed and not soft, or not over 0 before.
    """
    groups, classes, count = scores.shape
    scores = scores.astype(np.float64)
    if not scores.size:
        return scores
    iou = iou.copy()
    iou[:, np.arange(count), np.arange(count)] = 0
    out = np.where(scores > 0, scores, np.nan)
    gone = np.isnan(out)
    order = np.argsort(-out, axis=2, kind='stable')  # NaN last
    ranks = int((~gone).sum(axis=2).max())
    group, klass = np.ogrid[:groups, :classes]
    for rank in range(ranks):
        best = order[:, :, rank]
        alive = ~gone[group, klass, best]
        overlap = iou[group, best]
        # An earlier box that overlaps this one would have suppressed it, so only later ones are met here.
        hit = (overlap > iou_thr) & alive[..., None] & ~gone
        if soft:
            out = np.where(hit, out * (1 - overlap), out)
        else:
            out[hit] = np.nan
        gone |= hit
    return out


def tube_overlaps(boxes: np.ndarray,
                  present: np.ndarray,
                  others: np.ndarray,
                  others_present: np.ndarray,
                  plus_one: bool,
                  temporal_plus_one: bool = True) -> np.ndarray:
    """Spatio-temporal IoU of tubes laid onto the same frames.

    Temporal IoU of the spans, first to last frame, times the mean IoU over the frames in which both have a box.

    Args:
        boxes (np.ndarray): (n, F, 4).
        present (np.ndarray): (n, F) bool, at least one true in each row.
        others (np.ndarray): (m, F, 4).
        others_present (np.ndarray): (m, F) bool.
        plus_one (bool): Whether x2 and y2 belong to a box.
        temporal_plus_one (bool): Whether a span is as long as its frames are many, or one less. Defaults to True.

    Returns:
        np.ndarray: (n, m) in [0, 1].
    """
    if not len(boxes) or not len(others):
        return np.zeros((len(boxes), len(others)))
    one = int(temporal_plus_one)
    start, stop = _span(present)
    other_start, other_stop = _span(others_present)
    inter = np.minimum(stop[:, None], other_stop) - np.maximum(start[:, None], other_start) + one
    union = np.maximum(stop[:, None], other_stop) - np.minimum(start[:, None], other_start) + one
    both = present[:, None] & others_present
    spatial = np.where(both, box_iou(boxes[:, None], others, plus_one), 0).sum(axis=2) / np.maximum(
        both.sum(axis=2), 1)
    return spatial * (np.maximum(inter, 0) / np.maximum(union, 1))


def _span(present: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """First and last frame of each tube."""
    return present.argmax(axis=1), present.shape[1] - 1 - present[:, ::-1].argmax(axis=1)
