"""Temporal trimming: where along a linked path the action takes place."""
from typing import List, Tuple

import numpy as np


def viterbi_labels(scores: np.ndarray, switch_cost: float) -> np.ndarray:
    """The labelling of a path of frames that maximises its energy (section 3.5, tubelet linking).

    The energy is the sum over frames of ``scores[label_t, t]`` minus ``switch_cost`` for every change of label. Solved
    exactly by dynamic programming. Of equally good labels the smaller one is taken.

    Args:
        scores (np.ndarray): (C, T), finite.
        switch_cost (float): Not negative.

    Returns:
        np.ndarray: (T,) int64 labels 0..C-1.

    Raises:
        ValueError: If the arguments are not as above.

    Example:
        >>> viterbi_labels(np.array([[1, 1, 0, 1, 1], [0, 0, 1, 0, 0]]), 1.)
        array([0, 0, 0, 0, 0])
    """
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 2 or not len(scores):
        raise ValueError(f'scores must be (C, T) with C > 0, got the shape {scores.shape}')
    if not np.isfinite(scores).all() or not switch_cost >= 0:
        raise ValueError(f'scores must be finite and switch_cost={switch_cost} not negative')
    classes, frames = scores.shape
    if frames == 0:
        return np.zeros(0, dtype=np.int64)
    previous, best = (_forward_two if classes == 2 else _forward)(scores, float(switch_cost))
    labels = np.empty(frames, dtype=np.int64)
    labels[-1] = best
    for frame in range(frames - 1, 0, -1):
        labels[frame - 1] = previous[frame][labels[frame]]
    return labels


def _forward(scores: np.ndarray, switch_cost: float) -> Tuple[list, int]:
    """Best predecessor of every label at every frame, and the best last label."""
    classes = np.arange(len(scores))
    costs = np.where(classes[:, None] == classes, 0, switch_cost)  # (label, label before)
    energy, previous = scores[:, 0], [None]
    for column in scores.T[1:]:
        options = energy - costs
        before = options.argmax(axis=1)
        energy = options[classes, before] + column
        previous.append(before)
    return previous, int(energy.argmax())


def _forward_two(scores: np.ndarray, switch_cost: float) -> Tuple[list, int]:
    """The same for two labels in plain numbers, ten times as fast: this is what every linked path needs."""
    first, second = scores[:, 0].tolist()
    previous: List[Tuple[int, int]] = [(0, 0)]
    for one, two in zip(scores[0, 1:].tolist(), scores[1, 1:].tolist()):
        to_first, to_second = second - switch_cost, first - switch_cost
        previous.append((0 if first >= to_first else 1, 0 if to_second >= second else 1))
        first, second = max(first, to_first) + one, max(second, to_second) + two
    return previous, 0 if first >= second else 1


def action_segments(scores: np.ndarray, switch_cost: float, threshold: float = 0.5) -> List[Tuple[int, int]]:
    """The parts of a path that show the action.

    Two labels: the action, scored by ``scores``, and none, scored by 2 * threshold - scores.

    Args:
        scores (np.ndarray): (T,) score of the action in each frame, in [0, 1].
        switch_cost (float): See :func:`viterbi_labels`.
        threshold (float): Score at which action and none are equally likely. Defaults to 0.5, where none is scored by 1
            - scores; scores of a softmax over many classes are often lower.

    Returns:
        list[tuple[int, int]]: Ranges (start, stop) of indices, stop exclusive, ascending.
    """
    action = viterbi_labels(np.stack([scores, 2 * threshold - scores]), switch_cost) == 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], action, [False]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist()))
