"""Greedy matching of detections, best first, with annotations."""
from typing import Iterator, List, Sequence, Set, Tuple

import numpy as np

from .frame_detections import FrameDetections
from .overlap import box_iou
from .tie_breaking import content_keys


def match_boxes(found: FrameDetections,
                frames: np.ndarray,
                labels: np.ndarray,
                boxes: np.ndarray,
                thresholds: Sequence[float],
                plus_one: bool,
                second_choice: bool = True) -> np.ndarray:
    """Greedy matching of detections with annotated boxes of the same frame and class.

    Args:
        found (FrameDetections): n detections, best first.
        frames (np.ndarray): (M,) frame of each annotated box.
        labels (np.ndarray): (M,) its class.
        boxes (np.ndarray): (M, 4).
        thresholds (Sequence[float]): Least IoU.
        plus_one (bool): Whether x2 and y2 belong to a box.
        second_choice (bool): Whether a detection whose best annotation is taken may take the next best.

    Returns:
        np.ndarray: (n, thresholds) bool.
    """
    hits = np.zeros((len(found.frame), len(thresholds)), dtype=bool)
    if not len(frames) or not len(found.frame):
        return hits
    # Pairs of a detection and an annotated box of its frame and class.
    stride = int(max(labels.max(), found.label.max())) + 1
    cells = frames * stride + labels
    order = np.lexsort((content_keys(boxes), cells))  # of two that overlap equally the first is taken
    wanted = found.frame * stride + found.label
    begin = np.searchsorted(cells[order], wanted, side='left')
    counts = np.searchsorted(cells[order], wanted, side='right') - begin
    detection = np.repeat(np.arange(len(wanted)), counts)
    within = np.arange(len(detection)) - np.repeat(np.cumsum(counts) - counts, counts)
    target = order[np.repeat(begin, counts) + within]
    iou = box_iou(found.boxes[detection], boxes[target], plus_one)
    for column, threshold in enumerate(thresholds):
        good = iou >= threshold
        pairs = zip(detection[good].tolist(), target[good].tolist(), iou[good].tolist())
        hits[_greedy(pairs, second_choice), column] = True
    return hits


def match_overlaps(overlap: np.ndarray, thresholds: Sequence[float], second_choice: bool = True) -> np.ndarray:
    """Greedy matching: each row, in turn, takes the best free column.

    Args:
        overlap (np.ndarray): (n, G).
        thresholds (Sequence[float]): Least overlap.
        second_choice (bool): Whether a row whose best column is taken may take the next best.

    Returns:
        np.ndarray: (n, thresholds) bool, which rows got a column.
    """
    hits = np.zeros((len(overlap), len(thresholds)), dtype=bool)
    for column, threshold in enumerate(thresholds):
        row, target = np.nonzero(overlap >= threshold)
        hits[_greedy(zip(row.tolist(), target.tolist(), overlap[row, target].tolist()), second_choice), column] = True
    return hits


def _greedy(pairs: Iterator[Tuple[int, int, float]], second_choice: bool) -> List[int]:
    """The detections that get an annotation; pairs come in the order of the detections."""
    taken: Set[int] = set()
    matched: List[int] = []
    current, best, best_iou = -1, -1, -1.
    for detection, target, iou in pairs:
        if detection != current:
            if best >= 0 and best not in taken:
                taken.add(best)
                matched.append(current)
            current, best, best_iou = detection, -1, -1.
        if iou > best_iou and not (second_choice and target in taken):
            best, best_iou = target, iou
    if best >= 0 and best not in taken:
        matched.append(current)
    return matched
