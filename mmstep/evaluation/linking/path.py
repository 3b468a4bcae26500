"""A path of linked tubelets and the tubes that come of it."""
from collections import deque
from typing import Deque, List, Optional, Tuple

import numpy as np

from mmstep.structures import ActionTube
from ..rules import EvaluationRules
from .trimming import action_segments


class Path:
    """Tubelets of one class that follow each other.

    Args:
        label (int): The class.
        number (int): Number of the path, steady while it lives.
        history (int, optional): Number of tubelets that are kept, the last ones. Defaults to all.

    Attributes:
        score (float): Mean score of the tubelets that are kept.
        row (int): Row of the last tubelet among those of its start frame.
    """
    __slots__ = ('label', 'number', 'starts', 'boxes', 'scores', 'total', 'score', 'row')

    def __init__(self, label: int, number: int, history: Optional[int] = None) -> None:
        self.label = label
        self.number = number
        self.starts: Deque[int] = deque(maxlen=history)
        self.boxes: Deque[np.ndarray] = deque(maxlen=history)
        self.scores: Deque[float] = deque(maxlen=history)
        self.total = 0.
        self.score = 0.
        self.row = -1

    def add(self, start: int, row: int, boxes: np.ndarray, score: float) -> None:
        """Continues the path with a tubelet (K, 4)."""
        scores = self.scores
        if len(scores) == scores.maxlen:
            self.total -= scores[0]
        self.starts.append(start)
        self.boxes.append(boxes)
        scores.append(score)
        self.total += score
        self.score = self.total / len(scores)
        self.row = row

    @property
    def length(self) -> int:
        """Frames from the first to the last."""
        return self.starts[-1] + len(self.boxes[-1]) - self.starts[0]

    def tubes(self,
              rules: EvaluationRules,
              trim: Optional[dict] = None,
              nframes: Optional[int] = None) -> List[ActionTube]:
        """The tubes of the path that satisfy the rules.

        Args:
            rules (EvaluationRules): Least score and length.
            trim (dict, optional): Arguments of :func:`action_segments`; without it the whole path is one tube.
            nframes (int, optional): Frames of the video, where it is known: tubes end with it. A clip that is longer
                than the video reaches beyond.

        Returns:
            list[ActionTube]: By time.
        """
        length = self.length if nframes is None else min(self.length, nframes + 1 - self.starts[0])
        if length < rules.min_tube_length:
            return []
        score = float(np.mean(self.scores))
        if score < rules.min_tube_score:
            return []
        boxes, scores = (column[:length] for column in self._frames())
        if trim is None:
            return [ActionTube(self.label, score, self.starts[0], boxes)]
        tubes = []
        for start, stop in action_segments(np.clip(scores, 0, 1), **trim):
            score = float(scores[start:stop].mean())
            if stop - start >= rules.min_tube_length and score >= rules.min_tube_score:
                tubes.append(ActionTube(self.label, score, self.starts[0] + start, boxes[start:stop]))
        return tubes

    def _frames(self) -> Tuple[np.ndarray, np.ndarray]:
        """Boxes (n, 4) and scores (n,) of all frames, means over the tubelets that cover them.

        Where tubelets lie further apart than they are long, the frames between are interpolated.
        """
        boxes = np.stack(self.boxes)
        index = np.array(self.starts) - self.starts[0]
        # In float32 and in the order of time as in ACT, so that overlaps of exactly a threshold fall on the same side.
        sums = np.zeros((self.length, 6), dtype=np.float32)
        values = np.concatenate([boxes, np.empty((*boxes.shape[:2], 2))], axis=2)
        values[:, :, 4] = np.array(self.scores)[:, None]
        values[:, :, 5] = 1
        for offset in reversed(range(boxes.shape[1])):  # within one offset every frame is met once
            sums[index + offset] += values[:, offset]
        covered = sums[:, 5] > 0
        means = sums[covered, :5] / sums[covered, 5:]
        if not covered.all():
            frames = np.arange(self.length)
            means = np.stack([np.interp(frames, frames[covered], column) for column in means.T], axis=1)
        return means[:, :4], means[:, 4]
