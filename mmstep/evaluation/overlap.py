"""Overlap of boxes and tubes, and suppression by it."""
from typing import Tuple

import numpy as np

# Pairs of tubes times frames that are held at once, 8 bytes each.
PAIR_FRAMES = 500_000


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
    good = union > 0
    if good.all():  # a division with a mask is several times slower
        return inter / union
    return np.divide(inter, union, out=np.zeros_like(inter, dtype=np.float64), where=good)


def tubelet_iou(first: np.ndarray, second: np.ndarray, plus_one: bool = True) -> np.ndarray:
    """IoU of the boxes of tubelets, each with each, for many pairs of sets of tubelets at once.

    Args:
        first (np.ndarray): (F, n, K, 4) x1, y1, x2, y2.
        second (np.ndarray): (F, m, K, 4).
        plus_one (bool): Whether x2 and y2 belong to the box. Defaults to True.

    Returns:
        np.ndarray: (F, n, m, K), see :func:`box_iou`.
    """
    # The longest axis, F, goes last, where numpy's loops are fast.
    planes, others = (np.ascontiguousarray(boxes.transpose(3, 1, 2, 0)) for boxes in (first, second))
    iou = box_iou(np.moveaxis(planes[:, :, None], 0, -1), np.moveaxis(others[:, None], 0, -1), plus_one)
    return np.ascontiguousarray(iou.transpose(3, 0, 1, 2))


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
    over = iou > iou_thr
    over[:, np.arange(count), np.arange(count)] = False
    out = np.where(scores > 0, scores, np.nan)
    gone = np.isnan(out)
    order = np.ascontiguousarray(np.argsort(-out, axis=2, kind='stable').transpose(2, 0, 1))  # NaN last
    order = order[:int((~gone).sum(axis=2).max())]
    if not soft:
        out[_suppressed(over, order, gone)] = np.nan
        return out
    group, klass = np.ogrid[:groups, :classes]
    for best in order:
        # An earlier box that overlaps this one would have suppressed it, so only later ones are met here.
        hit = over[group, best] & ~gone[group, klass, best][..., None] & ~gone
        out = np.where(hit, out * (1 - iou[group, best]), out)
        gone |= hit
    return out


def _suppressed(over: np.ndarray, order: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """Which boxes are gone after NMS, (F, L, n), in sets of bits: a box is met by one operation on 64 others.

    ``over`` (F, n, n) says which boxes suppress each other, ``order`` (ranks, F, L) which is the best, the second and
    so on, ``gone`` (F, L, n) which are gone before.
    """
    count = gone.shape[2]
    met, lost = _bits(over), _bits(gone)
    group, klass = np.ogrid[:gone.shape[0], :gone.shape[1]]
    for best in order:
        alive = (lost[group, klass, best >> 6] >> (best & 63).astype(np.uint64)) & np.uint64(1) == 0
        lost |= met[group, best] * alive[..., None]
    return np.unpackbits(lost.view(np.uint8), axis=2, count=count, bitorder='little').view(bool)


def _bits(flags: np.ndarray) -> np.ndarray:
    """(..., n) bool as (..., ceil(n / 64)) numbers, the first in the lowest bit."""
    spare = [(0, 0)] * (flags.ndim - 1) + [(0, -flags.shape[-1] % 64)]
    return np.ascontiguousarray(np.packbits(np.pad(flags, spare), axis=-1, bitorder='little')).view('<u8')


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
    overlaps = np.zeros((len(boxes), len(others)))
    if not overlaps.size:
        return overlaps
    one = int(temporal_plus_one)
    start, stop = _span(present)
    other_start, other_stop = _span(others_present)
    first, last = np.maximum(start[:, None], other_start), np.minimum(stop[:, None], other_stop)
    union = np.maximum(stop[:, None], other_stop) - np.minimum(start[:, None], other_start) + one
    rows, columns = np.nonzero(last >= first)
    step = max(PAIR_FRAMES // present.shape[1], 1)
    for begin in range(0, len(rows), step):
        row, column = rows[begin:begin + step], columns[begin:begin + step]
        lengths = (last - first)[row, column] + 1
        pair = np.repeat(np.arange(len(row)), lengths)
        # The common frames of each pair, one pair after the other.
        frame = np.arange(len(pair)) + np.repeat(first[row, column] - np.cumsum(lengths) + lengths, lengths)
        mine, theirs = row[pair], column[pair]
        both = present[mine, frame] & others_present[theirs, frame]
        # Sums go over all frames, for their rounding depends on the places.
        iou = np.zeros((len(row), present.shape[1]))
        iou[pair, frame] = np.where(both, box_iou(boxes[mine, frame], others[theirs, frame], plus_one), 0)
        spatial = iou.sum(axis=1) / np.maximum(np.bincount(pair, both, len(row)), 1)
        inter = np.maximum((last - first)[row, column] + one, 0)
        overlaps[row, column] = spatial * (inter / np.maximum(union[row, column], 1))
    return overlaps


def _span(present: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """First and last frame of each tube."""
    return present.argmax(axis=1), present.shape[1] - 1 - present[:, ::-1].argmax(axis=1)
