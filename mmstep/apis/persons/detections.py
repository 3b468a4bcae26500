"""Persons detected at a key time: made from a detector's boxes and scores, and to and from plain data."""
from dataclasses import dataclass, field, replace
from typing import List, Optional, Sequence, Tuple, Union

import numpy as np
import torch

from mmstep.structures import tube_iou
from .video_result import Action, DetectionDict, KeyFrameDict, TubeBox

# Persons down to this part of the threshold are looked at for somebody who is missed.
WEAK = 0.2


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

    def to_dict(self, tubes: bool = True, exact: bool = False) -> DetectionDict:
        """The detection as plain data.

        Args:
            tubes (bool): False leaves the tube empty: of a day's recording they would fill the memory. Defaults to
                True.
            exact (bool): True keeps every digit; else boxes are rounded to 1/10 pixel, times to a millisecond and
                scores to four digits. Defaults to False.

        Returns:
            DetectionDict: Can be written as JSON.
        """

        def cut(value: float, digits: int) -> float:
            return float(value) if exact else round(float(value), digits)

        def box(values: np.ndarray) -> List[float]:
            return [cut(value, 1) for value in values]

        tube = zip(self.tube_times, self.tube) if tubes else ()
        return DetectionDict(
            id=self.person_id,
            bbox=box(self.bbox),
            actions=[Action(label=str(label), score=cut(score, 4)) for label, score in self.actions],
            tube=[TubeBox(time=cut(time, 3), bbox=box(bbox)) for time, bbox in tube])

    @classmethod
    def from_dict(cls, plain: DetectionDict) -> 'Detection':
        """Makes a detection of what :meth:`to_dict` gave."""
        return cls(
            np.array(plain['bbox'], dtype=np.float32),
            [(action['label'], action['score']) for action in plain['actions']],
            np.array([item['bbox'] for item in plain['tube']], dtype=np.float32).reshape(-1, 4),
            np.array([item['time'] for item in plain['tube']], dtype=np.float64), plain['id'])


@dataclass
class KeyFrame:
    """The detections at one key time.

    Attributes:
        time (float): Seconds from the video's first frame.
        persons (list[Detection]): Best first; those of the detector's last step.
        steps (list[list[Detection]]): The same after each step, the last one included; empty if the model does not
            keep them (``test_cfg.keep_steps``).
        weak (list[Detection]): Who scores under the threshold. They are not shown; one of them may be a person who was
            seen before, see :class:`PersonMatcher`.
    """
    time: float
    persons: List[Detection]
    steps: List[List[Detection]] = field(default_factory=list)
    weak: List[Detection] = field(default_factory=list)

    def to_dict(self, tubes: bool = True, exact: bool = False) -> KeyFrameDict:
        """The key time as plain data, without :attr:`steps`; see :meth:`Detection.to_dict`."""
        time = float(self.time) if exact else round(float(self.time), 3)
        return KeyFrameDict(time=time, persons=[person.to_dict(tubes, exact) for person in self.persons])

    @classmethod
    def from_dict(cls, plain: KeyFrameDict) -> 'KeyFrame':
        """Makes a key time of what :meth:`to_dict` gave."""
        return cls(plain['time'], [Detection.from_dict(person) for person in plain['persons']])


def group_boxes(bboxes: np.ndarray, scores: np.ndarray, iou_thr: float = 0.5) -> List[np.ndarray]:
    """Finds the boxes that show one person.

    A detector's NMS runs for each class on its own, so one person comes as several boxes that are nearly the same,
    each with the scores of some classes. Greedy over all classes at once: the box with the highest score takes all
    free boxes whose IoU with it is over the threshold. Two persons whose boxes overlap more than that become one.

    Args:
        bboxes (np.ndarray): (n, 4) x1y1x2y2.
        scores (np.ndarray): (n, C).
        iou_thr (float): IoU over which two boxes are one person. Defaults to 0.5.

    Returns:
        list[np.ndarray]: Indices of each person's boxes, the best box first; persons by descending best score.

    Example:
        >>> boxes = np.array([[0., 0., 10., 10.], [20., 0., 30., 10.], [0., 0., 10., 9.]])
        >>> group_boxes(boxes, np.array([[.9, 0.], [.5, 0.], [0., .8]]))
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
    for best_free in order:
        if free[best_free]:
            members = np.array([i for i in order if free[i] and (i == best_free or overlaps[best_free, i] > iou_thr)])
            free[members] = False
            groups.append(members)
    return groups


def to_detections(bboxes: np.ndarray,
                  scores: np.ndarray,
                  tubes: np.ndarray,
                  tube_times: np.ndarray,
                  labels: Sequence[str],
                  score_thr: Union[float, np.ndarray] = 0.0) -> List[Detection]:
    """Makes persons of a detector's boxes: of each group the best box, and of each class the best score in the group.

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
    for inds in group_boxes(bboxes, scores):
        best = scores[inds].max(axis=0)
        shown = (best > 0) & (best >= score_thr)
        order = [c for c in np.argsort(-best, kind='stable') if shown[c]]
        if order:
            actions = [(labels[c], float(best[c])) for c in order]
            persons.append(Detection(bboxes[inds[0]], actions, tubes[inds[0]], tube_times))
    return persons


def split_weak(found: Sequence[Detection], labels: Sequence[str],
               score_thr: np.ndarray) -> Tuple[List[Detection], List[Detection]]:
    """Tells persons with an action that reaches its threshold from those without.

    Args:
        found (Sequence[Detection]): Persons.
        labels (Sequence[str]): C names.
        score_thr (np.ndarray): (C,) thresholds.

    Returns:
        tuple[list[Detection], list[Detection]]: Those with one, without their other actions, and the rest as they are;
        both in the order given.
    """
    thresholds = dict(zip(labels, score_thr))
    shown, weak = [], []
    for person in found:
        actions = [(label, score) for label, score in person.actions if score >= thresholds[label]]
        if actions:
            shown.append(replace(person, actions=actions))
        else:
            weak.append(person)
    return shown, weak
