"""Interpolates persons' boxes between two key frames."""
from typing import List, Optional, Tuple

import numpy as np

from .detections import Detection, KeyFrame


def persons_at(time: float, before: Optional[KeyFrame], after: Optional[KeyFrame],
               reach: float) -> List[Tuple[Detection, np.ndarray]]:
    """The persons of the key time nearest to a frame, with their boxes moved to the frame's time.

    A box is interpolated between the feature frames of the person's tube and, for a person who has the same number at
    both key times, on to the tube of the other key time. Before its first and after its last known place it rests.

    Args:
        time (float): Time of the frame, seconds.
        before (KeyFrame, optional): The last key time at or before it.
        after (KeyFrame, optional): The first key time after it.
        reach (float): Frames further than this from the nearest key time show nobody, seconds.

    Returns:
        list[tuple[Detection, np.ndarray]]: Persons and their boxes (4,) in pixels of the video.
    """
    near, far = before, after
    if before is None or after is not None and after.time - time < time - before.time:
        near, far = after, before
    if near is None or abs(near.time - time) > reach:
        return []
    others = {} if far is None else {person.person_id: person for person in far.persons}
    middle = None if far is None else (near.time + far.time) / 2
    return [(person, _box_at(time, person, others.get(person.person_id), middle)) for person in near.persons]


def _box_at(time: float, person: Detection, other: Optional[Detection], middle: Optional[float]) -> np.ndarray:
    """Interpolated box; past ``middle`` the other key frame's tube is used."""
    if other is None:
        return person.box_at(time)
    after = person.tube_times.mean() < other.tube_times.mean()
    own = person.tube_times <= middle if after else person.tube_times >= middle
    others = other.tube_times > middle if after else other.tube_times < middle
    times = np.concatenate([person.tube_times[own], other.tube_times[others]])
    boxes = np.concatenate([person.tube[own], other.tube[others]])
    if not len(times):
        return person.box_at(time)
    order = np.argsort(times)
    return np.array([np.interp(time, times[order], boxes[order, i]) for i in range(4)])
