"""A path of linked tubelets and the tubes that come of it."""
from collections import deque
from typing import Deque, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from mmstep.structures import ActionTube
from ..rules import EvaluationRules
from .trimming import segments_of_paths


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
        return tubes_of_laid(lay_paths([self], rules, nframes), rules, trim)


class LaidPath(NamedTuple):
    """A path frame by frame.

    Attributes:
        label (int): The class.
        score (float): Mean score of its tubelets.
        start (int): First frame.
        boxes (np.ndarray): (n, 4), the mean of the tubelets' boxes in each frame.
        scores (np.ndarray): (n,), the mean of their scores.
    """
    label: int
    score: float
    start: int
    boxes: np.ndarray
    scores: np.ndarray


def lay_paths(paths: Sequence[Path], rules: EvaluationRules, nframes: Optional[int] = None) -> List[LaidPath]:
    """Boxes and scores of all frames, means over the tubelets that cover them.

    Where tubelets lie further apart than they are long, the frames between are interpolated.

    Args:
        paths (Sequence[Path]): Paths.
        rules (EvaluationRules): Least score and length; paths that have less are left out.
        nframes (int, optional): See :meth:`Path.tubes`.

    Returns:
        list[LaidPath]: In the order of the paths.
    """
    kept: List[Tuple[Path, float, int]] = []
    for path in paths:
        length = path.length if nframes is None else min(path.length, nframes + 1 - path.starts[0])
        if length >= rules.min_tube_length:
            scores = np.array(path.scores)
            score = float(scores.mean())
            if score >= rules.min_tube_score:
                kept.append((path, score, length))
    if not kept:
        return []
    boxes = np.concatenate([box for path, _, _ in kept for box in path.boxes])
    boxes = boxes.reshape(-1, len(kept[0][0].boxes[0]), 4)
    # All paths on one axis of frames, one after the other.
    ends = np.cumsum([path.length for path, _, _ in kept])
    begins = [0, *ends[:-1].tolist()]
    index = np.array(
        [begin + start - path.starts[0] for (path, _, _), begin in zip(kept, begins) for start in path.starts])
    # In float32 and in the order of time as in ACT, so that overlaps of exactly a threshold fall on the same side.
    sums = np.zeros((ends[-1], 6), dtype=np.float32)
    values = np.concatenate([boxes, np.empty((*boxes.shape[:2], 2))], axis=2)
    values[:, :, 4] = np.array([score for path, _, _ in kept for score in path.scores])[:, None]
    values[:, :, 5] = 1
    for offset in reversed(range(boxes.shape[1])):  # within one offset every frame is met once
        sums[index + offset] += values[:, offset]
    covered = sums[:, 5] > 0
    means = np.divide(sums[:, :5], sums[:, 5:], out=sums[:, :5], where=covered[:, None])
    laid = []
    for (path, score, length), begin, end in zip(kept, begins, ends.tolist()):
        rows, there = means[begin:end], covered[begin:end]
        if not there.all():
            frames = np.arange(end - begin)
            rows = np.stack([np.interp(frames, frames[there], column[there]) for column in rows.T], axis=1)
        laid.append(LaidPath(path.label, score, path.starts[0], rows[:length, :4], rows[:length, 4]))
    return laid


def tubes_of_laid(laid: Sequence[LaidPath], rules: EvaluationRules, trim: Optional[dict] = None) -> List[ActionTube]:
    """The tubes of paths.

    Args:
        laid (Sequence[LaidPath]): From :func:`lay_paths`.
        rules (EvaluationRules): Least score and length.
        trim (dict, optional): See :meth:`Path.tubes`.

    Returns:
        list[ActionTube]: Path by path, by time.
    """
    if trim is None:
        return [ActionTube(path.label, path.score, path.start, path.boxes) for path in laid]
    tubes = []
    segments = segments_of_paths([np.minimum(np.maximum(path.scores, 0), 1) for path in laid], **trim)
    for path, ranges in zip(laid, segments):
        for start, stop in ranges:
            score = float(path.scores[start:stop].mean())
            if stop - start >= rules.min_tube_length and score >= rules.min_tube_score:
                tubes.append(ActionTube(path.label, score, path.start + start, path.boxes[start:stop]))
    return tubes
