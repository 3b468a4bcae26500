"""Numbers for persons over time."""
from typing import List

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from mmstep.structures import tube_iou
from .detections import Detection, KeyFrame


class PersonMatcher:
    """Gives a person at one key time the number it had before.

    Best assignment by the better of two overlaps: the IoU that the tubes of two detections have half-way between their
    key times, and that of their boxes at the key times. The first follows who moves, the second finds who stays though
    the ends of a tube are off. Actions play no part: a person who stops walking and sits down keeps the number, which
    linking action by action (:class:`~mmstep.evaluation.linking.OnlineLinker`) would change.

    Who is missed for a while is looked for among the weak detections, those under the threshold, and remembered at the
    last place. Those seen at the key time before go first, so that a passer-by does not take their number. Looks play
    no part: two persons who change places between two key times change numbers.

    Only the persons of the last ``max_gap`` seconds are kept. Numbers count from 0 and are never used again.

    Args:
        iou_thr (float): IoU from which two detections can be one person. Defaults to 0.3.
        max_gap (float): Seconds after which who was missed is forgotten; the key time before always counts. Defaults
            to 3.
    """

    def __init__(self, iou_thr: float = 0.3, max_gap: float = 3.0) -> None:
        self.iou_thr = iou_thr
        self.max_gap = max_gap
        self._count = 0
        self.forget()

    def forget(self) -> None:
        """Begins a new video; numbers go on."""
        self._last = KeyFrame(0.0, [])
        self._missed: List[KeyFrame] = []  # one person each

    def update(self, key_frame: KeyFrame) -> None:
        """Sets the ``person_id`` of the persons of the next key time.

        Args:
            key_frame (KeyFrame): Key times have to come in ascending order.
        """
        persons = key_frame.persons
        middle = (self._last.time + key_frame.time) / 2
        gone = self._assign(_overlaps(self._last.persons, persons, middle), self._last.persons, persons)
        missed = [KeyFrame(self._last.time, [person]) for person in gone]
        # Persons missed for longer compete only for those that nobody of the key time before has become.
        free = [person for person in persons if person.person_id is None]
        self._missed = [item for item in self._missed if key_frame.time - item.time <= self.max_gap]
        old = [item.persons[0] for item in self._missed]
        rows = [_overlaps(item.persons, free, (item.time + key_frame.time) / 2) for item in self._missed]
        still = {id(person) for person in self._assign(np.concatenate(rows), old, free)} if rows else set()
        self._missed = missed + [item for item in self._missed if id(item.persons[0]) in still]
        for person in persons:
            if person.person_id is None:
                person.person_id = self._count
                self._count += 1
        self._look_for_missed(key_frame)
        self._last = key_frame

    def _look_for_missed(self, key_frame: KeyFrame) -> None:
        """Moves the persons who are missed to where a weak detection shows them."""
        weak = list(key_frame.weak)
        if not self._missed or not weak:
            return
        overlaps = np.concatenate(
            [_overlaps(item.persons, weak, (item.time + key_frame.time) / 2) for item in self._missed])
        for row, column in zip(*linear_sum_assignment(-overlaps)):
            if overlaps[row, column] >= self.iou_thr:
                weak[column].person_id = self._missed[row].persons[0].person_id
                self._missed[row] = KeyFrame(key_frame.time, [weak[column]])

    def _assign(self, overlaps: np.ndarray, before: List[Detection], after: List[Detection]) -> List[Detection]:
        """Hands numbers on; returns those of ``before`` that are not among ``after``."""
        gone = dict(enumerate(before))
        for row, column in zip(*linear_sum_assignment(-overlaps)):
            if overlaps[row, column] >= self.iou_thr:
                after[column].person_id = before[row].person_id
                del gone[row]
        return list(gone.values())


def _overlaps(before: List[Detection], after: List[Detection], time: float) -> np.ndarray:
    """The better (len(before), len(after)) of the IoU of the boxes at a time and that of the key boxes."""
    if not before or not after:
        return np.zeros((len(before), len(after)))
    moved = [torch.as_tensor(np.stack([person.box_at(time) for person in persons])) for persons in (before, after)]
    key = [torch.as_tensor(np.stack([person.bbox for person in persons])) for persons in (before, after)]
    return np.maximum(tube_iou(*moved).numpy(), tube_iou(*key).numpy())
