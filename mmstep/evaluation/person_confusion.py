"""What annotated persons were taken for, and how well their boxes are met."""
from typing import Iterable, NamedTuple, Tuple

import numpy as np

from mmstep.structures import TubeGroundTruth, Tubelets
from .frame_detections import FrameDetections, frame_detections
from .frame_map import rows_of_videos
from .overlap import box_iou
from .rules import Rules, get_rules


class PersonConfusion(NamedTuple):
    """Annotated actions against detected ones.

    Attributes:
        matrix (np.ndarray): (L + 1, L + 1) int64: rows annotated, columns detected; the last row counts detections
            where nobody is annotated, the last column annotations that nothing was found for.
        ious (np.ndarray): (M,) of each annotated box with the detection that overlaps it most; 0 without any.
    """
    matrix: np.ndarray
    ious: np.ndarray


def confuse_persons(truth: TubeGroundTruth,
                    videos: Iterable[Tuple[int, Tubelets]],
                    rules: Rules = 'act',
                    score_thr: float = 0.3,
                    iou_thr: float = 0.5) -> PersonConfusion:
    """Counts what annotated actions were taken for.

    A person may do several things: an annotated action that is among those detected at its box is right, whatever else
    is detected there; otherwise it was taken for the best detected action that is not annotated there, or not found.

    Args:
        truth (TubeGroundTruth): Annotations.
        videos (Iterable[tuple[int, Tubelets]]): Detections by index of the video.
        rules (str | dict | EvaluationRules): See :func:`get_rules`. Defaults to 'act'.
        score_thr (float): Detections under it do not count. Defaults to 0.3.
        iou_thr (float): Least IoU of a detection at a person's box. Defaults to 0.5.

    Returns:
        PersonConfusion: The counts.
    """
    rules = get_rules(rules)
    count = len(truth.labels)
    matrix = np.zeros((count + 1, count + 1), dtype=np.int64)
    ious = np.zeros(len(truth.rows))
    rows = rows_of_videos(truth)
    missed = set(range(len(truth.videos)))
    for video, tubelets in videos:
        missed.discard(video)
        found = frame_detections(tubelets, count, int(truth.nframes[video]), rules)
        kept = found.score >= score_thr
        found = FrameDetections(*(column[kept] for column in found))
        _count_video(truth, rows[video], found, iou_thr, rules.plus_one, matrix, ious)
    for video in missed:
        labels = truth.tube_label[truth.row_tube[rows[video]]]
        np.add.at(matrix, (labels, count), 1)
    return PersonConfusion(matrix, ious)


def _count_video(truth: TubeGroundTruth, rows: np.ndarray, found: FrameDetections, iou_thr: float, plus_one: bool,
                 matrix: np.ndarray, ious: np.ndarray) -> None:
    count = len(truth.labels)
    frames = truth.rows[rows, 0].astype(np.int64)
    labels = truth.tube_label[truth.row_tube[rows]]
    for frame in np.union1d(frames, found.frame):
        mine = np.flatnonzero(frames == frame)
        theirs = np.flatnonzero(found.frame == frame)  # best first
        if not len(theirs):
            np.add.at(matrix, (labels[mine], count), 1)
            continue
        overlap = box_iou(truth.rows[rows[mine], 1:][:, None], found.boxes[theirs][None], plus_one)
        overlap = overlap.reshape(len(mine), len(theirs))
        for place, label in enumerate(labels[mine].tolist()):
            ious[rows[mine[place]]] = overlap[place].max()
            here = found.label[theirs[overlap[place] >= iou_thr]].tolist()
            # Whoever else is annotated with this box is the same person.
            same = box_iou(truth.rows[rows[mine], 1:], truth.rows[rows[mine[place]], 1:][None], plus_one) > 0.99
            others = [item for item in here if item not in labels[mine[same]]]
            matrix[label, label if label in here else others[0] if others else count] += 1
        alone = ~(overlap >= iou_thr).any(axis=0) if len(mine) else np.ones(len(theirs), dtype=bool)
        matrix[count] += np.bincount(found.label[theirs[alone]], minlength=matrix.shape[1])
