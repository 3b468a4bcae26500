"""Frame-mAP on AVA: MMAction2's and ActivityNet's."""
from typing import Dict, Iterator, List, NamedTuple, Tuple

import numpy as np

from ..average_precision import average_precision
from ..tie_breaking import content_keys, descending, name_keys
from .ava_detections import AVADetections
from .class_matching import match_class
from .truth import AVATruth


class _Class(NamedTuple):
    """Detections and annotations of one class on frames that count, in the order in which they came."""
    label: int
    frame: np.ndarray  # (n,) index into the keys of the detections
    box: np.ndarray  # (n,)
    score: np.ndarray  # (n,)
    truth: np.ndarray  # (m,) rows of the annotations


def both_average_precisions(truth: AVATruth,
                            detected: AVADetections,
                            ignore_empty_frames: bool = True) -> Tuple[Dict[int, float], Dict[int, float]]:
    """Average precision at IoU 0.5 of each class by MMAction2's rules and by ActivityNet's.

    Where scores tie, the content of the detections decides, so that neither the order of lines nor that of boxes or
    frames matters. ActivityNet's program (``get_ava_performance.py``) differs from MMAction2's in this: a class that
    is annotated and never detected has the value 0, detections on frames without annotation count, and annotations on
    excluded frames do not.

    Args:
        truth (AVATruth): Annotations.
        detected (AVADetections): Detections.
        ignore_empty_frames (bool): Whether MMAction2's rules ignore detections on frames without annotation.

    Returns:
        tuple[dict[int, float], dict[int, float]]: Class id -> average precision: of the classes that were detected
        (NaN for one that is never annotated), and of those that are annotated on frames that count.
    """
    tie = content_keys(detected.boxes, name=name_keys(detected.keys)[detected.frame])
    annotated = np.isin(detected.keys, truth.keys) if detected.keys else np.zeros(0, dtype=bool)
    boxes, truth_boxes = detected.boxes.astype(np.float32), truth.boxes.astype(np.float32)
    truth_tie, truth_frame = content_keys(truth.boxes), _frames_of_truth(truth, detected)
    totals, counted = np.bincount(truth.label), np.bincount(
        truth.label[truth.counted], minlength=truth.label.max() + 1)
    theirs: Dict[int, float] = {}
    all_classes = dict.fromkeys(np.flatnonzero(counted).tolist(), 0.)
    for label, frame, box, score, rows in _classes(truth, truth_frame, detected):
        order = descending(score, tie[box])
        frame, box = frame[order], box[order]
        rows = rows[np.lexsort((truth_tie[rows], truth_frame[rows]))]
        hits = match_class(frame, boxes[box], truth_frame[rows], truth_boxes[rows])
        if label in all_classes:
            all_classes[label] = float(average_precision(hits, counted[label], 'voc'))
        if ignore_empty_frames:
            hits = hits[annotated[frame]]
        if len(hits):
            total = totals[label] if label < len(totals) else 0
            theirs[label] = float(average_precision(hits, total, 'voc')) if total else float('nan')
    return theirs, all_classes


def average_precisions(truth: AVATruth, detected: AVADetections, ignore_empty_frames: bool = True) -> Dict[int, float]:
    """Average precision at IoU 0.5 of each class that was detected, to the last bit that of MMAction2's ``ava_eval``.

    Where scores tie, the order of the input decides, as there.

    Args:
        truth (AVATruth): Annotations.
        detected (AVADetections): Detections.
        ignore_empty_frames (bool): Whether detections on frames without annotation are ignored.

    Returns:
        dict[int, float]: Class id -> average precision, in the order in which ``ava_eval`` meets the classes; NaN for
        a class that is never annotated.
    """
    place = np.arange(len(detected.keys))
    if ignore_empty_frames:
        number = {key: index for index, key in enumerate(truth.keys)}
        place = np.array([number.get(key, -1) for key in detected.keys], dtype=np.int64)
    boxes, truth_boxes = detected.boxes.astype(np.float32), truth.boxes.astype(np.float32)
    truth_frame, totals = _frames_of_truth(truth, detected), np.bincount(truth.label)
    aps, first_met = {}, {}
    for label, frame, box, score, rows in _classes(truth, truth_frame, detected):
        order = np.lexsort((-score, place[frame]))
        order = order[place[frame[order]] >= 0]
        if not len(order):
            continue
        frame, score = frame[order], score[order]
        hits = match_class(frame, boxes[box[order]], truth_frame[rows], truth_boxes[rows])
        total = int(totals[label]) if label < len(totals) else 0
        # The sort is not stable, in either program alike.
        aps[label] = _mmaction_average_precision(hits[np.argsort(score)[::-1]], total)
        first_met[label] = int(frame[0])
    return {label: aps[label] for label in _order_met(detected, first_met, place)}


def _classes(truth: AVATruth, truth_frame: np.ndarray, detected: AVADetections) -> Iterator[_Class]:
    """The detected classes, ascending; detections on excluded frames are left out."""
    kept = np.array([key not in truth.excluded for key in detected.keys], dtype=bool)
    order = np.argsort(detected.label, kind='stable')
    labels, first = np.unique(detected.label[order], return_index=True)
    for label, found in zip(labels.tolist(), np.split(order, first[1:])):
        frame = detected.frame[detected.box[found]]
        if not kept.all():
            inside = kept[frame]
            found, frame = found[inside], frame[inside]
        if len(found):
            rows = np.flatnonzero((truth.label == label) & (truth_frame >= 0))
            rows = rows[np.argsort(truth_frame[rows], kind='stable')]
            yield _Class(label, frame, detected.box[found], detected.score[found], rows)


def _frames_of_truth(truth: AVATruth, detected: AVADetections) -> np.ndarray:
    """(M,) the frame of each annotation as an index into the keys of the detections; -1 where nothing is detected."""
    number = {key: index for index, key in enumerate(detected.keys)}
    return np.array([number.get(key, -1) for key in truth.keys], dtype=np.int64)[truth.frame]


def _order_met(detected: AVADetections, first_met: Dict[int, int], place: np.ndarray) -> List[int]:
    """The classes in the order of the frames in which they are met first; within one that of Python's sets."""
    order: Dict[int, None] = {}
    frames = detected.frame[detected.box]
    for frame in sorted(set(first_met.values()), key=lambda index: place[index]):
        found = np.flatnonzero(frames == frame)
        found = found[np.argsort(-detected.score[found], kind='stable')]
        order.update(dict.fromkeys(list(set(detected.label[found].tolist()))))
    return list(order)


def _mmaction_average_precision(hits: np.ndarray, total: int) -> float:
    """MMAction2's ``compute_average_precision`` without its loops, sums in the same order."""
    if total == 0:
        return float('nan')
    right = np.cumsum(hits)
    precision = right.astype(float) / np.arange(1, len(hits) + 1)
    recall = np.concatenate([[0], right.astype(float) / total, [1]])
    envelope = np.maximum.accumulate(np.concatenate([[0], precision, [0]])[::-1])[::-1]
    indices = np.flatnonzero(recall[1:] != recall[:-1]) + 1
    return float(np.sum((recall[indices] - recall[indices - 1]) * envelope[indices]))


def mean_average_precisions(aps: Dict[int, float]) -> Dict[str, float]:
    """AVAMetric's four means; those over no class are left out, except that ``overall`` is then 0.

    Args:
        aps (dict[int, float]): Class id -> average precision, which may be NaN.

    Returns:
        dict[str, float]: Name -> mean.
    """
    groups = dict(
        overall=list(aps.values()),
        person_movement=[ap for label, ap in aps.items() if label <= 14],
        object_manipulation=[ap for label, ap in aps.items() if 14 < label < 64],
        person_interaction=[ap for label, ap in aps.items() if 64 <= label])
    means = {name: float(np.nanmean(values)) for name, values in groups.items() if not np.all(np.isnan(values))}
    return {'overall': 0.0, **means}
