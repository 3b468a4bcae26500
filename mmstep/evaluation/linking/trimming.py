"""Temporal trimming: where along a linked path the action takes place."""
from typing import Dict, List, Optional, Sequence, Tuple

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
    return segments_of_paths([scores], switch_cost, threshold)[0]


def segments_of_paths(scores: Sequence[np.ndarray],
                      switch_cost: float,
                      threshold: Optional[float] = None) -> List[List[Tuple[int, int]]]:
    """:func:`action_segments` of many paths at once, which takes hardly longer than of one.

    Args:
        scores (Sequence[np.ndarray]): Of each path (T,) scores.
        switch_cost (float): See :func:`action_segments`.
        threshold (float, optional): See :func:`action_segments`.

    Returns:
        list[list[tuple[int, int]]]: The ranges of each path.
    """
    lengths = np.array([len(path) for path in scores], dtype=np.int64)
    actions = [np.zeros(0, dtype=bool)] * len(scores)
    kinds: Dict[np.dtype, List[int]] = {}
    for number in np.argsort(-lengths, kind='stable').tolist():
        if lengths[number]:
            kinds.setdefault(scores[number].dtype, []).append(number)
    for numbers in kinds.values():
        for number, action in zip(numbers, _actions([scores[number] for number in numbers], switch_cost, threshold)):
            actions[number] = action
    found = []
    for action in actions:
        edges = np.flatnonzero(np.diff(action, prepend=False, append=False)).tolist()
        whole = [(0, len(action))] if threshold is None and len(action) else []
        found.append(list(zip(edges[::2], edges[1::2])) or whole)
    return found


def _actions(paths: List[np.ndarray], switch_cost: float, threshold: Optional[float]) -> List[np.ndarray]:
    """Which frames of each path show the action, the longest path first, by the steps of :func:`viterbi_labels`.

    All arrays are (frames, paths), so that the paths that have a frame are the first ones of its row.
    """
    lengths = np.array([len(path) for path in paths])
    flat, path = np.concatenate(paths), np.repeat(np.arange(len(paths)), lengths)
    frame = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    if threshold is None:
        highest = np.maximum.reduceat(flat, np.cumsum(lengths) - lengths)
        flat, threshold = flat / np.where(highest > 0, highest, highest.dtype.type(1))[path], 0.5
    none = 2 * threshold - flat
    if not np.isfinite(flat).all() or not switch_cost >= 0:
        raise ValueError(f'scores must be finite and switch_cost={switch_cost} not negative')
    energies = np.zeros((2, lengths[0], len(paths)))
    energies[0, frame, path], energies[1, frame, path] = flat, none
    switched = np.zeros((lengths[0], len(paths)))
    living = np.searchsorted(-lengths, -np.arange(lengths[0]), side='left').tolist()  # paths longer than so
    for now in range(1, lengths[0]):
        count = living[now]
        before = energies[:, now - 1, :count]
        switch = np.maximum(before[0], before[1]) - switch_cost
        switched[now, :count] = switch
        energies[:, now, :count] += np.maximum(before, switch)
    last = energies[:, lengths - 1, np.arange(len(paths))]
    none_best = last[1] > last[0]
    is_none = np.zeros(switched.shape, dtype=bool)
    for now in range(lengths[0] - 1, -1, -1):
        if now + 1 < lengths[0]:
            count = living[now + 1]
            energy, switch, label = energies[:, now, :count], switched[now + 1, :count], none_best[:count]
            own = np.where(label, energy[1], energy[0])
            first = energy[0] - switch_cost != switch  # the first label from which a switch is best
            label[:] = np.where(own > switch, label, np.where(own < switch, first, first & label))
        is_none[now, :living[now]] = none_best[:living[now]]
    return np.split(~is_none[frame, path], np.cumsum(lengths)[:-1])
