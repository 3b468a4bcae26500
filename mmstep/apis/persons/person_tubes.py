"""What was found at key times, put together to persons' tubes over the whole video."""
from collections import defaultdict
from typing import Dict, List

import numpy as np

from mmstep.visualization import PersonTube
from .detections import Detection, KeyFrame


class PersonTubes:
    """Collects key times, and gives each person's boxes over time.

    Keeps a few numbers for each box, nothing else.

    Args:
        stride_seconds (float): Time between key times. Of each tube the boxes nearer to its key time than to others
            are used; who is missed at one key time starts a new piece.
        duration (float): Length of the video in seconds; boxes before its start and after its end are left out.
    """

    def __init__(self, stride_seconds: float, duration: float) -> None:
        self.stride_seconds = stride_seconds
        self.duration = duration
        # For each person (time, box) of one key time after the other, and those times.
        self._pieces: Dict[int, List[np.ndarray]] = defaultdict(list)
        self._times: Dict[int, List[float]] = defaultdict(list)
        self._scores: Dict[int, Dict[str, float]] = defaultdict(lambda: defaultdict(float))

    def add(self, key_frame: KeyFrame) -> None:
        """Adds a key time; they have to come in ascending order, with person numbers."""
        for person in key_frame.persons:
            number = person.person_id
            if number is None:
                raise ValueError('persons have no numbers: see PersonMatcher')
            self._pieces[number].append(self._boxes(key_frame.time, person))
            self._times[number].append(key_frame.time)
            for label, score in person.actions:
                self._scores[number][label] += score

    def tubes(self, num_labels: int = 2) -> List[PersonTube]:
        """The tubes so far.

        Args:
            num_labels (int): Actions named for each person, those with the highest sum of scores. Defaults to 2.

        Returns:
            list[PersonTube]: By person and time.
        """
        tubes = []
        for person_id, pieces in sorted(self._pieces.items()):
            scores = self._scores[person_id]
            label = ', '.join(sorted(scores, key=scores.__getitem__, reverse=True)[:num_labels])
            missed = np.flatnonzero(np.diff(self._times[person_id]) > 1.5 * self.stride_seconds) + 1
            for start, end in zip([0, *missed], [*missed, len(pieces)]):
                timed = np.concatenate(pieces[start:end])
                tubes.append(PersonTube(person_id, label, timed[:, 0], timed[:, 1:]))
        return tubes

    def _boxes(self, time: float, person: Detection) -> np.ndarray:
        """Times and boxes (n, 5): time, x1, y1, x2, y2; ascending, n > 0."""
        times = person.tube_times
        used = (np.abs(times - time) < self.stride_seconds / 2 + 1e-6) & (times >= 0) & (times <= self.duration)
        if not used.any():
            return np.array([[time, *person.bbox]])
        return np.column_stack([times[used], person.tube[used]])
