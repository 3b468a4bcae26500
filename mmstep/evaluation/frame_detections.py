"""The boxes of single frames that tubelets make."""
from typing import Iterator, NamedTuple, Tuple

import numpy as np

from mmstep.structures import Tubelets
from .overlap import box_iou, greedy_nms
from .rules import EvaluationRules
from .tie_breaking import content_keys
from .window_tubelets import best_class

# Entries of the largest array that is made at once, 8 bytes each: little enough for the processor's cache.
CHUNK = 100_000


class FrameDetections(NamedTuple):
    """Boxes of the frames of one video after NMS: by falling score, equal scores by frame.

    Attributes:
        frame (np.ndarray): (n,) int64, from 1.
        label (np.ndarray): (n,) int64.
        score (np.ndarray): (n,) float64.
        boxes (np.ndarray): (n, 4) float64.
    """
    frame: np.ndarray
    label: np.ndarray
    score: np.ndarray
    boxes: np.ndarray


def frame_detections(tubelets: Tubelets, num_labels: int, nframes: int, rules: EvaluationRules) -> FrameDetections:
    """Boxes of every frame of a video after NMS per class.

    Args:
        tubelets (Tubelets): Of one video.
        num_labels (int): Number L of classes.
        nframes (int): Frames of the video; boxes beyond are left out.
        rules (EvaluationRules): Rules.

    Returns:
        FrameDetections: Those that are left; with soft NMS all, with their new scores.
    """
    if rules.best_class_only:
        tubelets = best_class(tubelets)
    count, length = tubelets.boxes.shape[:2]
    frame = (tubelets.start[:, None] + np.arange(length)).ravel()
    row = np.repeat(np.arange(count), length)
    boxes, scores = tubelets.boxes.reshape(-1, 4), tubelets.scores
    if rules.single_precision:
        boxes, scores = boxes.astype(np.float32), scores.astype(np.float32)
    boxes = boxes.astype(np.float64)
    inside = (frame >= 1) & (frame <= nframes)
    frame, row, boxes = frame[inside], row[inside], boxes[inside]
    if not len(frame):
        return FrameDetections(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 4)))
    if tubelets.label is None:
        cell = frame
    else:  # boxes of different classes do not meet
        cell, scores = frame * num_labels + tubelets.label[row], scores[:, None]
    # Within a frame in an order made of the content, for NMS gives ties to the first.
    order = np.lexsort((content_keys(boxes), cell))
    frame, row, boxes, cell = frame[order], row[order], boxes[order], cell[order]
    _, first, sizes = np.unique(cell, return_index=True, return_counts=True)
    parts = [
        _suppress(boxes, row, scores, first[group], sizes[group], rules) for group in _chunks(sizes, scores.shape[1])
    ]
    box, label, score = (np.concatenate(columns) for columns in zip(*parts))
    if tubelets.label is not None:
        label = tubelets.label[row[box]]
    if rules.single_precision:
        score = score.astype(np.float32).astype(np.float64)
    found = FrameDetections(frame[box], label, score, boxes[box])
    best = np.lexsort((content_keys(found.boxes), found.frame, -found.score))
    return FrameDetections(*(column[best] for column in found))


def _chunks(sizes: np.ndarray, num_labels: int) -> Iterator[np.ndarray]:
    """Groups of frames of like sizes whose arrays do not get too large."""
    order = np.argsort(sizes, kind='stable')
    begin = 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and (end + 1 - begin) * sizes[order[end]] * max(sizes[order[end]], num_labels) <= CHUNK:
            end += 1
        yield order[begin:end]
        begin = end


def _suppress(boxes: np.ndarray, row: np.ndarray, scores: np.ndarray, first: np.ndarray, sizes: np.ndarray,
              rules: EvaluationRules) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """NMS in some frames: index of the box, label and score of what is left."""
    slots = np.arange(sizes.max())
    index = first[:, None] + np.minimum(slots, sizes[:, None] - 1)
    filled = slots < sizes[:, None]
    padded = np.where(filled[:, :, None], scores[row[index]], 0).transpose(0, 2, 1)  # (frames, L, slots)
    iou = box_iou(boxes[index][:, :, None], boxes[index][:, None], rules.plus_one)
    left = greedy_nms(iou, padded, rules.frame_nms_thr, rules.soft_nms)
    group, label, slot = np.nonzero(~np.isnan(left))
    return index[group, slot], label, left[group, label, slot]
