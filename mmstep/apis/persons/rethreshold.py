"""Another score threshold for key times that have been detected already."""
from dataclasses import replace
from typing import List, Sequence

from .detections import WEAK, KeyFrame
from .person_matcher import PersonMatcher


def rethreshold(key_frames: Sequence[KeyFrame], score_thr: float) -> List[KeyFrame]:
    """Gives what a run with a higher threshold would have found, without detecting again.

    Persons are numbered anew, as somebody who falls under the threshold must not use up a number.

    Args:
        key_frames (Sequence[KeyFrame]): All key times of a run with one threshold for all classes, in ascending order
            of time. They stay as they are.
        score_thr (float): The new threshold, 0..1, not under that of the run.

    Returns:
        list[KeyFrame]: New key times with person numbers; those of :attr:`KeyFrame.steps` are left out.

    Example:
        >>> import numpy as np
        >>> from mmstep.apis import Detection
        >>> box = np.array([0., 0., 9., 9.])
        >>> person = Detection(box, [('walk', 0.9), ('talk', 0.4)], box[None], np.zeros(1))
        >>> key_frame, = rethreshold([KeyFrame(0.0, [person])], 0.5)
        >>> key_frame.persons[0].actions, key_frame.persons[0].person_id
        ([('walk', 0.9)], 0)
    """
    matcher = PersonMatcher()
    found = []
    for key_frame in key_frames:
        # Of the copies alone the numbers change.
        persons = [replace(person, person_id=None) for person in (*key_frame.persons, *key_frame.weak)]
        shown = [
            replace(person, actions=[action for action in person.actions if action[1] >= score_thr])
            for person in persons if person.score >= score_thr
        ]
        weak = [person for person in persons if WEAK * score_thr <= person.score < score_thr]
        found.append(KeyFrame(key_frame.time, shown, weak=weak))
        matcher.update(found[-1])
    return found
