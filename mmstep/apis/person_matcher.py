"""Numbers for persons over time, so that a drawing gives each its own colour."""
from typing import List

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from mmstep.structures import tube_iou

from .detections import Detection, KeyFrame


class PersonMatcher:
    """Gives a person at one key time the number it had at the key time before.

    Best assignment by the IoU that the tubes of two consecutive key times have half-way between them. An aid for
    drawing, not tracking: who is missed at one key time gets a new number, and looks play no part.

    Args:
        iou_thr (float): IoU from which two detections can be one person. Defaults to 0.3.
    """

    def __init__(self, iou_thr: float = 0.3) -> None:
        self.iou_thr = iou_thr
        self._count = 0
        self._last = KeyFrame(0.0, [])

    def update(self, key_frame: KeyFrame) -> None:
        """Sets the ``person_id`` of the persons of the next key time.

        Args:
            key_frame (KeyFrame): Key times have to come in ascending order.
        """
        persons = key_frame.persons
        middle = (self._last.time + key_frame.time) / 2
        overlaps = _overlaps(self._last.persons, persons, middle)
        for row, column in zip(*linear_sum_assignment(-overlaps)):
            if overlaps[row, column] >= self.iou_thr:
                persons[column].person_id = self._last.persons[row].person_id
        for person in persons:
            if person.person_id is None:
                person.person_id = self._count
                self._count += 1
        self._last = key_frame


def _overlaps(before: List[Detection], after: List[Detection], time: float) -> np.ndarray:
    """IoU (len(before), len(after)) of the boxes at a time."""
    if not before or not after:
        return np.zeros((len(before), len(after)))
    boxes = [torch.as_tensor(np.stack([person.box_at(time) for person in persons])) for persons in (before, after)]
    return tube_iou(*boxes).numpy()
