"""Detections of persons at a key time, made from a detector's rows of boxes and scores."""
from dataclasses import dataclass, field
from typing import List, Optional, Sequence, Tuple, Union

import numpy as np
import torch

from mmstep.structures import tube_iou
from .video_result import KeyTime, Person


@dataclass
class Detection:
    """One person at one key time.

    Attributes:
        bbox (np.ndarray): (4,) x1y1x2y2 at the key time, in pixels of the video.
        actions (list[tuple[str, float]]): (label, score 0..1), best first, not empty.
        tube (np.ndarray): (K / r, 4) boxes of the clip around the key time, one per feature frame, in pixels of the
            video.
        tube_times (np.ndarray): (K / r,) their times in seconds from the video's start; may lie outside of the video.
        person_id (int, optional): Number of the person, see :class:`PersonMatcher`.
    """
    bbox: np.ndarray
    actions: List[Tuple[str, float]]
    tube: np.ndarray
    tube_times: np.ndarray
    person_id: Optional[int] = None

    @property
    def score(self) -> float:
        """float: Score of the best action."""
        return self.actions[0][1]

    def box_at(self, time: float) -> np.ndarray:
        """The box at a time, (4,): interpolated along the tube, at rest before and after it."""
        return np.array([np.interp(time, self.tube_times, self.tube[:, i]) for i in range(4)])

    def to_dict(self) -> Person:
        """The person as plain data; boxes to 1/10 pixel, times to a millisecond, scores to four digits."""
        return dict(
            id=self.person_id,
            bbox=_rounded(self.bbox),
            actions=[dict(label=str(label), score=round(float(score), 4)) for label, score in self.actions],
            tube=[dict(time=round(float(t), 3), bbox=_rounded(box)) for t, box in zip(self.tube_times, self.tube)])


@dataclass
class KeyFrame:
    """The detections at one key time.

    Attributes:
        time (float): Seconds from the video's first frame.
        persons (list[Detection]): Best first; those of the detector's last step.
        steps (list[list[Detection]]): The same after each step, the last one included; empty if the model does not
            keep them (``test_cfg.keep_steps``).
    """
    time: float
    persons: List[Detection]
    steps: List[List[Detection]] = field(default_factory=list)

    def to_dict(self) -> KeyTime:
        """The key time as plain data."""
        return dict(time=round(float(self.time), 3), persons=[person.to_dict() for person in self.persons])


def group_rows(bboxes: np.ndarray, scores: np.ndarray, iou_thr: float = 0.5) -> List[np.ndarray]:
    """Finds the rows that show one person.

    A detector's NMS runs for each class on its own, so one person comes as several rows with nearly the same box, each
    with the scores of some classes. Greedy over all classes at once: the row with the highest score takes all free
    rows whose IoU with it is over the threshold. Two persons whose boxes overlap more than that become one.

    Args:
        bboxes (np.ndarray): (n, 4) x1y1x2y2.
        scores (np.ndarray): (n, C).
        iou_thr (float): IoU over which two rows are one person. Defaults to 0.5.

    Returns:
        list[np.ndarray]: Row indices of each person, the best row first; persons by descending best score.

    Example:
        >>> boxes = np.array([[0., 0., 10., 10.], [20., 0., 30., 10.], [0., 0., 10., 9.]])
        >>> group_rows(boxes, np.array([[.9, 0.], [.5, 0.], [0., .8]]))
        [array([0, 2]), array([1])]
    """
    if not len(bboxes):
        return []
    best = scores.max(axis=1)
    order = np.argsort(-best, kind='stable')
    boxes = torch.as_tensor(np.asarray(bboxes, dtype=np.float64))
    overlaps = tube_iou(boxes, boxes).numpy()
    free = np.ones(len(bboxes), dtype=bool)
    groups = []
    for row in order:
        if free[row]:
            members = np.array([i for i in order if free[i] and (i == row or overlaps[row, i] > iou_thr)])
            free[members] = False
            groups.append(members)
    return groups


def to_detections(bboxes: np.ndarray,
                  scores: np.ndarray,
                  tubes: np.ndarray,
                  tube_times: np.ndarray,
                  labels: Sequence[str],
                  score_thr: Union[float, np.ndarray] = 0.0) -> List[Detection]:
    """Makes persons of a detector's rows: the box of each group's best row, and each class's best score in the group.

    Args:
        bboxes (np.ndarray): (n, 4) boxes at the key time, pixels.
        scores (np.ndarray): (n, C) of the action classes, 0 where NMS suppressed the entry.
        tubes (np.ndarray): (n, K / r, 4) boxes of the centre clip, pixels.
        tube_times (np.ndarray): (K / r,) seconds.
        labels (Sequence[str]): C names.
        score_thr (float | np.ndarray): Actions have to score at least this much, (C,) if it differs between classes;
            a person without any is left out.

    Returns:
        list[Detection]: Best first.
    """
    persons = []
    for rows in group_rows(bboxes, scores):
        best = scores[rows].max(axis=0)
        shown = (best > 0) & (best >= score_thr)
        order = [c for c in np.argsort(-best, kind='stable') if shown[c]]
        if order:
            actions = [(labels[c], float(best[c])) for c in order]
            persons.append(Detection(bboxes[rows[0]], actions, tubes[rows[0]], tube_times))
    return persons


def _rounded(box: np.ndarray) -> List[float]:
    return [round(float(value), 1) for value in box]
