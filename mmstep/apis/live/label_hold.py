"""Labels that do not flicker."""
from typing import Dict, List, Optional

import numpy as np
import torch

from mmstep.structures import tube_iou
from ..persons.detections import Detection, KeyFrame

# A held person is dropped once a new detection overlaps its box by more than this IoU.
SAME_PLACE = 0.5


class _Person:
    """What is known of a person: smoothed scores, which actions are shown, since when it is missed, where it was."""

    def __init__(self, first: Detection) -> None:
        self.scores: Dict[str, float] = {}
        self.shown: List[str] = []
        self.missed = 0
        self.last = first


class LabelHold:
    """Steadies the actions of persons over the results of consecutive key times.

    Scores are averaged over the last results. An action appears once its averaged score reaches ``score_thr`` and
    disappears only when it falls under ``keep_thr``; actions change places only if their scores differ clearly. Who is
    missed stays where it was last seen for ``hold`` results, unless somebody else is found there.

    Args:
        score_thr (float): Score from which an action appears, 0..1.
        keep_thr (float, optional): Score down to which it stays. Defaults to two thirds of ``score_thr``. The results
            should hold actions down to it.
        weight (float): Share of the newest result in the average, over 0 up to 1. Defaults to 0.6.
        hold (int): Results for which a missed person stays. Defaults to 2.
        margin (float): Difference of scores at which two actions change places. Defaults to 0.1.
    """

    def __init__(self,
                 score_thr: float,
                 keep_thr: Optional[float] = None,
                 weight: float = 0.6,
                 hold: int = 2,
                 margin: float = 0.1) -> None:
        self.score_thr = score_thr
        self.keep_thr = score_thr * 2 / 3 if keep_thr is None else keep_thr
        self.weight = weight
        self.hold = hold
        self.margin = margin
        self._persons: Dict[int, _Person] = {}

    def update(self, key_frame: KeyFrame) -> KeyFrame:
        """Takes the next result.

        Args:
            key_frame (KeyFrame): With person numbers; in ascending order of time.

        Returns:
            KeyFrame: What to show: persons with at least one action, by number, so that they are drawn in the same
            order each time.
        """
        found = {person.person_id: person for person in key_frame.persons if person.person_id is not None}
        for person_id, detection in found.items():
            first = person_id not in self._persons
            self._take(self._persons.setdefault(person_id, _Person(detection)), detection, first)
        for person_id in [number for number in self._persons if number not in found]:
            person = self._persons[person_id]
            person.missed += 1
            if person.missed > self.hold or _overlaps(person.last, key_frame):
                del self._persons[person_id]
        shown = []
        for person_id, person in sorted(self._persons.items()):
            if person.shown:
                actions = [(label, person.scores[label]) for label in person.shown]
                last = person.last
                shown.append(Detection(last.bbox, actions, last.tube, last.tube_times, person_id))
        return KeyFrame(key_frame.time, shown)

    def forget(self) -> None:
        """Begins anew, as after a break of the stream."""
        self._persons.clear()

    def _take(self, person: _Person, detection: Detection, first: bool) -> None:
        new = dict(detection.actions)
        for label in dict.fromkeys([*person.scores, *new]):
            before = new.get(label, 0.0) if first else person.scores.get(label, 0.0)
            person.scores[label] = self.weight * new.get(label, 0.0) + (1 - self.weight) * before
        # What has faded away is forgotten, so that scores do not pile up.
        person.scores = {label: score for label, score in person.scores.items() if score > 0.01}
        stays = [label for label in person.shown if person.scores.get(label, 0.0) >= self.keep_thr]
        comes = [label for label in person.scores if label not in stays and person.scores[label] >= self.score_thr]
        person.shown = self._ordered(stays + sorted(comes, key=person.scores.__getitem__, reverse=True), person.scores)
        person.missed, person.last = 0, detection

    def _ordered(self, labels: List[str], scores: Dict[str, float]) -> List[str]:
        """Best first, but the given order where scores are close: insertion with a margin."""
        ordered: List[str] = []
        for label in labels:
            place = len(ordered)
            while place and scores[label] > scores[ordered[place - 1]] + self.margin:
                place -= 1
            ordered.insert(place, label)
        return ordered


def _overlaps(person: Detection, key_frame: KeyFrame) -> bool:
    """Whether somebody is found at a person's place."""
    if not key_frame.persons:
        return False
    boxes = torch.as_tensor(np.stack([other.bbox for other in key_frame.persons]).astype(np.float64))
    return bool((tube_iou(torch.as_tensor(person.bbox.astype(np.float64))[None], boxes) > SAME_PLACE).any())
