"""A path of linked tubelets and the tubes that come of it."""
from typing import List, Optional, Tuple

import numpy as np

from mmstep.structures import ActionTube
from ..presets import EvaluationRules
from .trimming import action_segments


class Path:
    """Tubelets of one class that follow each other.

    Args:
        label (int): The class.
        number (int): Number of the path, steady while it lives.
    """
    __slots__ = ('label', 'number', 'starts', 'boxes', 'scores', 'total', 'last')

    def __init__(self, label: int, number: int) -> None:
        self.label = label
        self.number = number
        self.starts: List[int] = []
        self.boxes: List[np.ndarray] = []
        self.scores: List[float] = []
        self.total = 0.
        self.last = -1  # row of the last tubelet among those of its start frame

    def add(self, start: int, row: int, boxes: np.ndarray, score: float) -> None:
        """Continues the path with a tubelet (K, 4)."""
        self.starts.append(start)
        self.boxes.append(boxes)
        self.scores.append(score)
        self.total += score
        self.last = row

    @property
    def score(self) -> float:
        """Mean score of the tubelets."""
        return self.total / len(self.scores)

    @property
    def length(self) -> int:
        """Frames from the first to the last."""
        return self.starts[-1] + len(self.boxes[-1]) - self.starts[0]

    def tubes(self, rules: EvaluationRules, trim: Optional[dict] = None) -> List[ActionTube]:
        """The tubes of the path that satisfy the rules.

        Args:
            rules (EvaluationRules): Least score and length.
            trim (dict, optional): Arguments of :func:`action_segments`; without it the whole path is one tube.

        Returns:
            list[ActionTube]: By time.
        """
        if self.score < rules.min_tube_score or self.length < rules.min_tube_length:
            return []
        boxes, scores = self._frames()
        if trim is None:
            return [ActionTube(self.label, self.score, self.starts[0], boxes)]
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
        boxes = np.stack(self.boxes).astype(np.float64)
        index = np.array(self.starts) - self.starts[0]
        sums = np.zeros((self.length, 6))
        values = np.concatenate([boxes, np.empty((*boxes.shape[:2], 2))], axis=2)
        values[:, :, 4] = np.array(self.scores)[:, None]
        values[:, :, 5] = 1
        for offset in range(boxes.shape[1]):  # within one offset every frame is met once
            sums[index + offset] += values[:, offset]
        covered = sums[:, 5] > 0
        means = sums[covered, :5] / sums[covered, 5:]
        if not covered.all():
            frames = np.arange(self.length)
            means = np.stack([np.interp(frames, frames[covered], column) for column in means.T], axis=1)
        return means[:, :4], means[:, 4]
