"""Recall of persons on AVA, whatever they do."""
from typing import Dict

import numpy as np

from .class_matching import ava_iou
from .truth import AVATruth


def class_agnostic_recall(truth: AVATruth, tops: Dict[str, np.ndarray], iou_thr: float = 0.5) -> float:
    """Share of annotated persons that any of the given boxes of their frame meets.

    Args:
        truth (AVATruth): Annotations; a person with several labels counts once.
        tops (dict[str, np.ndarray]): Image key -> (k, 4) boxes, x1y1x2y2, fractions of the frame.
        iou_thr (float): Overlap from which a person counts as found.

    Returns:
        float: Recall in 0..1.
    """
    counted = truth.counted
    rows = np.concatenate([truth.frame[counted, None], truth.boxes[counted].astype(np.float32)], axis=1)
    persons = np.unique(rows, axis=0)
    if not len(persons):
        return 0.0
    frame, boxes = persons[:, 0].astype(np.int64), persons[:, 1:].astype(np.float32)
    counts = np.array([len(tops.get(key, ())) for key in truth.keys])
    candidates = np.zeros((len(truth.keys), max(counts.max(), 1), 4), dtype=np.float32)
    for index in np.flatnonzero(counts).tolist():
        candidates[index, :counts[index]] = tops[truth.keys[index]]
    found = np.zeros(len(persons), dtype=bool)
    for place in range(candidates.shape[1]):
        there = counts[frame] > place
        found[there] |= ava_iou(boxes[there], candidates[frame[there], place][:, [1, 0, 3, 2]]) >= iou_thr
    return float(found.mean())
