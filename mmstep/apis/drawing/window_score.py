"""How well the detections of a single window fit its annotation."""
from typing import NamedTuple, Tuple

import numpy as np

from mmstep.evaluation.average_precision import average_precision
from mmstep.evaluation.frame_detections import FrameDetections
from mmstep.evaluation.matching import match_boxes
from mmstep.evaluation.overlap import box_iou

IOU_THR = 0.5


class Persons(NamedTuple):
    """Persons of the key frame; ``scores`` has a column for each action class.

    Attributes:
        boxes (np.ndarray): (n, 4) x1y1x2y2, fractions of the frame.
        scores (np.ndarray): (n, C); 1 and 0 of annotated persons.
    """
    boxes: np.ndarray
    scores: np.ndarray


def score_window(annotated: Persons, detected: Persons, score_thr: float) -> Tuple[float, np.ndarray]:
    """Average precision of one window, of the actions of all classes together, at IoU 0.5.

    Args:
        annotated (Persons): G annotated persons.
        detected (Persons): n detected ones, with scores of any height; those of 0 do not count.
        score_thr (float): From this score on, a detection where nobody is annotated is a fault.

    Returns:
        tuple[float, np.ndarray]: The average precision, and where nobody is annotated 0 or 1; and for each detected
        person whether its best action is right, (n,) bool.
    """
    person, label = np.nonzero(detected.scores > 0)
    scores = detected.scores[person, label]
    order = np.argsort(-scores, kind='stable')
    person, label, scores = person[order], label[order], scores[order]
    truth, truth_label = np.nonzero(annotated.scores)
    found = FrameDetections(np.zeros(len(person), dtype=np.int64), label, scores, detected.boxes[person])
    frames = np.zeros(len(truth), dtype=np.int64)
    hits = match_boxes(found, frames, truth_label, annotated.boxes[truth], [IOU_THR], plus_one=False)[:, 0]
    right = np.zeros(len(detected.boxes), dtype=bool)
    best = label == detected.scores[person].argmax(axis=1) if len(person) else hits
    right[person[best]] = hits[best]
    if len(truth):
        return float(average_precision(hits, len(truth), 'voc')), right
    return float(not (scores >= score_thr).any()), right


def count_found(annotated: np.ndarray, detected: np.ndarray) -> int:
    """How many annotated boxes a detected one meets with IoU >= 0.5.

    Args:
        annotated (np.ndarray): (G, 4).
        detected (np.ndarray): (n, 4).

    Returns:
        int: 0..G.
    """
    if not len(annotated) or not len(detected):
        return 0
    overlap = box_iou(annotated[:, None], detected[None], plus_one=False)
    return int((overlap.max(axis=1) >= IOU_THR).sum())
