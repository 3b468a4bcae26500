"""Temporal trimming: where along a linked path the action takes place."""
from typing import List, Optional, Tuple

import numpy as np


def viterbi_labels(scores: np.ndarray, switch_cost: float) -> np.ndarray:
    """The labelling of a path of frames that maximises its energy (section 3.5, tubelet linking).

    The energy is the sum over frames of ``scores[label_t, t]`` minus ``switch_cost`` for every change of label. Solved
    exactly by dynamic programming; the cost of a switch does not depend on the labels, so that the best label to
    switch from is the best of all. At ties, which are met from the last frame backwards, the smaller label is taken,
    as by the ``max`` of Saha et al.'s Matlab program, to which the labels are equal.

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
    # Plain numbers: for the two labels of a path and for some dozens of classes faster than arrays of one column.
    columns = scores.T.tolist()
    energies, switched = [columns[0]], []
    for column in columns[1:]:
        energy = energies[-1]
        switch = max(energy) - switch_cost
        switched.append(switch)
        energies.append([(stay if stay > switch else switch) + score for stay, score in zip(energy, column)])
    label = energies[-1].index(max(energies[-1]))
    labels = [label]
    for energy, switch in zip(energies[-2::-1], switched[::-1]):
        if energy[label] <= switch:
            first = next(other for other, value in enumerate(energy) if value - switch_cost == switch)
            label = first if energy[label] < switch else min(first, label)
        labels.append(label)
    return np.array(labels[::-1], dtype=np.int64)


def action_segments(scores: np.ndarray,
                    switch_cost: float,
                    threshold: Optional[float] = None) -> List[Tuple[int, int]]:
    """The parts of a path that show the action.

    Two labels: the action, scored by ``scores``, and none, scored by 2 * threshold - scores. Saha et al. (BMVC 2016)
    score none by 1 - scores, a threshold of 0.5. That suits a classifier whose scores reach 1; a softmax over many
    classes stays under it, early in training everywhere, and then every path would be discarded whole. So by default
    the scores are divided by the highest one of the path first: the threshold is half of that, which is 0.5 where
    scores reach 1, and the result does not depend on their scale. Whether the path is to be kept is for its score to
    say (``min_tube_score``): if no part stands out, all of it stays.

    Args:
        scores (np.ndarray): (T,) score of the action in each frame, in [0, 1].
        switch_cost (float): See :func:`viterbi_labels`.
        threshold (float, optional): A score, the same for all paths, at which action and none are equally likely;
            paths all below it are discarded. Defaults to None: half of the highest score of the path.

    Returns:
        list[tuple[int, int]]: Ranges (start, stop) of indices, stop exclusive, ascending.
    """
    relative = threshold is None
    if threshold is None:
        highest = float(scores.max(initial=0.))
        scores, threshold = scores / (highest if highest > 0 else 1.), 0.5
    action = viterbi_labels(np.stack([scores, 2 * threshold - scores]), switch_cost) == 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], action, [False]])))
    segments = list(zip(edges[::2].tolist(), edges[1::2].tolist()))
    return segments or ([(0, len(scores))] if relative and len(scores) else [])
