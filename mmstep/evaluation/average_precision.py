"""Average precision from scored hits."""
from typing import Dict, List, Optional, Sequence

import numpy as np


def average_precision(hits: np.ndarray, num_truth: int, kind: str = 'trapezoid') -> np.ndarray:
    """Average precision of detections in order of falling score.

    Args:
        hits (np.ndarray): (n, ...) bool, which detections are right; several columns are several measures.
        num_truth (int): How many annotated ones there are, over 0.
        kind (str): 'trapezoid': the area under the straight lines between the points (recall, precision), from (0, 1)
            on, as ACT computes it; 'voc': under the envelope of the points, as PASCAL VOC does since 2010.

    Returns:
        np.ndarray: The shape of hits without the first axis, in [0, 1].

    Example:
        >>> average_precision(np.array([True, False, True]), 2)
        array(0.79166667)
    """
    right = np.cumsum(hits, axis=0, dtype=np.float64)
    counts = np.arange(1, len(hits) + 1).reshape(-1, *[1] * (hits.ndim - 1))
    precision = np.concatenate([np.ones((1, *hits.shape[1:])), right / counts])
    recall = np.concatenate([np.zeros((1, *hits.shape[1:])), right / num_truth])
    steps = np.diff(recall, axis=0)
    if kind == 'voc':
        envelope = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
        return (steps * envelope[1:]).sum(axis=0)
    return (steps * (precision[1:] + precision[:-1]) / 2).sum(axis=0)


def precision_per_class(labels: np.ndarray, scores: np.ndarray, hits: np.ndarray, counts: np.ndarray,
                        names: Sequence[str], thresholds: List[float],
                        kind: str) -> Dict[float, Dict[str, Optional[float]]]:
    """Average precision of every class and their mean.

    Args:
        labels (np.ndarray): (n,) class of each detection, 0..L-1.
        scores (np.ndarray): (n,) their scores; of equal ones the first goes first.
        hits (np.ndarray): (n, thresholds) bool, which are right.
        counts (np.ndarray): (L,) how often each class is annotated.
        names (Sequence[str]): Of the classes.
        thresholds (list[float]): Of the overlap.
        kind (str): See :func:`average_precision`.

    Returns:
        dict: For each threshold a dict from class name to average precision in [0, 1], None for classes that are never
        annotated, and ``mAP``, the mean of the others.
    """
    aps = np.full((len(names), len(thresholds)), np.nan)
    for label in np.flatnonzero(counts):
        mine = np.flatnonzero(labels == label)
        mine = mine[np.argsort(-scores[mine], kind='stable')]
        aps[label] = average_precision(hits[mine], int(counts[label]), kind)
    return {
        threshold: dict({
            name: None if np.isnan(ap) else float(ap)
            for name, ap in zip(names, aps[:, column])
        },
                        mAP=float(np.nanmean(aps[:, column])) if counts.any() else 0.)
        for column, threshold in enumerate(thresholds)
    }
