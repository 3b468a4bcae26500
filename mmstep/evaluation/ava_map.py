"""Frame-mAP on AVA: MMAction2's, ActivityNet's, and the recall of persons."""
import multiprocessing
import os
from collections import defaultdict
from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy as np
from mmaction.evaluation.functional.ava_evaluation import metrics, np_box_ops
from mmaction.evaluation.functional.ava_utils import make_image_key, tpfp_single

from mmstep.datasets.ava_csv import read_annotations, read_excluded
from .average_precision import average_precision
from .tie_breaking import content_keys, descending

# From this many frames on (AVA's validation set has 57,000) matching is worth a pool of processes.
POOL_FROM = 5000


class GroundTruth(NamedTuple):
    """Annotations in the form that MMAction2's AVA evaluation takes; boxes are y1x1y2x2, fractions of the frame.

    ``boxes`` and ``labels`` map an image key to lists of equal length: a person who does two things is there twice.
    ``names`` holds the classes that are scored.
    """
    boxes: Dict[str, list]
    labels: Dict[str, list]
    excluded: set
    names: Dict[int, str]


def read_ava_truth(ann_file: str, names: Dict[int, str], exclude_file: Optional[str] = None) -> GroundTruth:
    """Reads annotations.

    Args:
        ann_file (str): AVA's csv file.
        names (dict[int, str]): The classes that are scored.
        exclude_file (str, optional): File of the seconds that are not scored.

    Returns:
        GroundTruth: The annotations of these classes.

    Raises:
        FileNotFoundError: If a file does not exist.
        ValueError: If one cannot be read or has no row of a class that is scored.
    """
    frames = defaultdict(list)
    for row in read_annotations(ann_file):
        if row.label in names:
            frames[make_image_key(row.video_id, row.timestamp)].append(row)
    if not frames:
        raise ValueError(f'{ann_file} has no row of a class that is scored: {", ".join(names.values())}')
    boxes, labels = {}, {}
    for key, rows in frames.items():
        # AVAMetric takes the last column, the person, for a score, by which it orders the boxes of a frame.
        rows.sort(key=lambda row: -row.entity_id)
        boxes[key] = [(row.box[1], row.box[0], row.box[3], row.box[2]) for row in rows]
        labels[key] = [row.label for row in rows]
    excluded = set() if exclude_file is None else read_excluded(exclude_file)
    return GroundTruth(boxes, labels, {make_image_key(*key) for key in excluded}, names)


def both_average_precisions(truth: GroundTruth,
                            detected: tuple,
                            ignore_empty_frames: bool = True) -> Tuple[Dict[int, float], Dict[int, float]]:
    """Average precision at IoU 0.5 of each class by MMAction2's rules and by ActivityNet's.

    Where scores tie, the content of the detections decides, so that neither the order of lines nor that of boxes or
    frames matters. ActivityNet's program (``get_ava_performance.py``) differs from MMAction2's in this: a class that
    is annotated and never detected has the value 0, detections on frames without annotation count, and annotations on
    excluded frames do not.

    Args:
        truth (GroundTruth): Annotations.
        detected (tuple): Boxes, labels and scores of the detections, as ``read_csv`` returns them.
        ignore_empty_frames (bool): Whether MMAction2's rules ignore detections on frames without annotation.

    Returns:
        tuple[dict[int, float], dict[int, float]]: Class id -> average precision: of the classes that were detected
        (NaN for one that is never annotated), and of those that are annotated on frames that count.
    """
    boxes, labels, scores = detected
    keys = sorted((set(truth.boxes) | set(boxes)) - truth.excluded)
    frames, content = [], []
    for key in keys:
        frame, tie = _in_content_order(key, truth.boxes.get(key, []), truth.labels.get(key, []), boxes.get(key, []),
                                       labels.get(key, []), scores.get(key, []))
        frames.append(frame)
        content.append(tie)
    columns: Dict[int, List[tuple]] = defaultdict(list)
    for key, frame, tie, (frame_scores, frame_hits) in zip(keys, frames, content, _map_frames(frames)):
        found = np.array(frame[3], dtype=np.int64)
        for label in frame_scores:
            count = len(frame_scores[label])
            columns[label].append(
                (frame_scores[label], frame_hits[label], tie[found == label], np.full(count, key in truth.boxes)))
    theirs, all_classes = {}, {}
    counts = [_count(truth, leave_out) for leave_out in (set(), truth.excluded)]
    for label in sorted(set(columns) | set(counts[1])):
        if label not in columns:
            all_classes[label] = 0.
            continue
        score, hits, tie, annotated = (np.concatenate(parts) for parts in zip(*columns[label]))
        order = descending(score, tie)
        hits, annotated = hits[order], annotated[order]
        if counts[1].get(label):
            all_classes[label] = float(average_precision(hits, counts[1][label], 'voc'))
        counted = hits[annotated] if ignore_empty_frames else hits
        if len(counted):
            total = counts[0].get(label, 0)
            theirs[label] = float(average_precision(counted, total, 'voc')) if total else float('nan')
    return theirs, all_classes


def _count(truth: GroundTruth, leave_out: set) -> Dict[int, int]:
    """How often each class is annotated, but for some frames."""
    counts: Dict[int, int] = defaultdict(int)
    for key, labels in truth.labels.items():
        if key not in leave_out:
            for label in labels:
                counts[label] += 1
    return counts


def _in_content_order(key: str, truth_boxes: list, truth_labels: list, boxes: list, labels: list,
                      scores: list) -> Tuple[tuple, np.ndarray]:
    """A frame as ``tpfp_single`` takes it, in an order that its content gives, and the tie-breaking keys."""
    tie = np.zeros(0, dtype=np.uint64)
    if len(truth_boxes) > 1:
        order = np.argsort(content_keys(np.array(truth_boxes))).tolist()
        truth_boxes, truth_labels = [truth_boxes[i] for i in order], [truth_labels[i] for i in order]
    if boxes:
        tie = content_keys(np.array(boxes), name=key)
        order = descending(np.array(scores), tie)
        tie = tie[order]
        boxes, labels, scores = ([column[i] for i in order.tolist()] for column in (boxes, labels, scores))
    return (truth_boxes, truth_labels, boxes, labels, scores), tie


def average_precisions(truth: GroundTruth, detected: tuple, ignore_empty_frames: bool = True) -> Dict[int, float]:
    """Average precision at IoU 0.5 of each class that was detected: MMAction2's ``ava_eval`` without its 32 processes
    (never closed) and its printing. Where scores tie, the order of the input decides, as there.

    Args:
        truth (GroundTruth): Annotations.
        detected (tuple): Boxes, labels and scores of the detections, as ``read_csv`` returns them.
        ignore_empty_frames (bool): Whether detections on frames without annotation are ignored.

    Returns:
        dict[int, float]: Class id -> average precision, in the order in which ``ava_eval`` meets the classes; NaN for
        a class that is never annotated.
    """
    boxes, labels, scores = detected
    keys = truth.boxes if ignore_empty_frames else boxes
    frames = [(truth.boxes.get(k, []), truth.labels.get(k, []), boxes.get(k, []), labels.get(k, []), scores.get(k, []))
              for k in keys if k not in truth.excluded]
    class_scores, class_hits = defaultdict(list), defaultdict(list)
    for frame_scores, frame_hits in _map_frames(frames):
        for label in frame_scores:
            class_scores[label].append(frame_scores[label])
            class_hits[label].append(frame_hits[label])

    all_labels = np.concatenate(list(truth.labels.values()))
    aps = {}
    for label in class_scores:
        precision, recall = metrics.compute_precision_recall(
            np.concatenate(class_scores[label]), np.concatenate(class_hits[label]), np.sum(all_labels == label))
        aps[label] = float(metrics.compute_average_precision(precision, recall))
    return aps


def _map_frames(frames: list) -> list:
    """Matches detections with annotations in every frame."""
    if len(frames) < POOL_FROM:
        return [tpfp_single(frame) for frame in frames]
    with multiprocessing.Pool(min(os.cpu_count() or 1, 16)) as pool:
        return pool.map(tpfp_single, frames)


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


def class_agnostic_recall(truth: GroundTruth, tops: Dict[str, np.ndarray], iou_thr: float = 0.5) -> float:
    """Share of annotated persons that any of the given boxes of their frame meets.

    Args:
        truth (GroundTruth): Annotations; a person with several labels counts once.
        tops (dict[str, np.ndarray]): Image key -> (k, 4) boxes, x1y1x2y2, fractions of the frame.
        iou_thr (float): Overlap from which a person counts as found.

    Returns:
        float: Recall in 0..1.
    """
    found = total = 0
    for key, boxes in truth.boxes.items():
        if key in truth.excluded:
            continue
        persons = np.unique(np.array(boxes, dtype=np.float32), axis=0)
        total += len(persons)
        candidates = tops.get(key, np.zeros((0, 4), dtype=np.float32))
        if len(candidates):
            overlaps = np_box_ops.iou(persons, candidates[:, [1, 0, 3, 2]])
            found += int((overlaps.max(axis=1) >= iou_thr).sum())
    return found / total if total else 0.0
