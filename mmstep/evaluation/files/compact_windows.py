"""The form in which predictions of windows are stored: scores that are not zero, and the last step once."""
import math
import pickle
from collections import abc
from typing import Any, Dict, List, Sequence, Union, overload

import numpy as np

from mmstep.errors import LaunchError
from mmstep.structures import prediction_keys
from mmstep.structures.step_predictions import LAST_STEP
from mmstep.utils import AtomicFile

Window = Dict[str, Any]


def compact_window(window: Window) -> Window:
    """Leaves out of a window what says nothing.

    Of hundreds of classes a box has a score over 0 for a few, so ``scores`` (n, C + 1) becomes a dict of ``shape``,
    ``index`` (into the flat array) and ``value`` where that is smaller. ``pred_instances`` becomes the name of the
    step that it equals.

    Args:
        window (dict): With ``pred_instances``, ``pred_instances_step1`` and so on, dicts of arrays.

    Returns:
        dict: What :func:`expand_window` makes the same window of.
    """
    keys = prediction_keys(window)
    compact = dict(window)
    for key in keys:
        if isinstance(window[key].get('scores'), np.ndarray):
            compact[key] = dict(window[key], scores=_compact_scores(window[key]['scores']))
    if len(keys) > 1 and keys[0] == LAST_STEP and _equal(window[LAST_STEP], window[keys[-1]]):
        compact[LAST_STEP] = keys[-1]
    return compact


def _compact_scores(scores: np.ndarray) -> Union[np.ndarray, Dict[str, Any]]:
    index = np.flatnonzero(scores).astype(np.uint16 if scores.size <= 2**16 else np.uint32)
    if index.nbytes + len(index) * scores.itemsize >= scores.nbytes:
        return scores
    return dict(shape=scores.shape, index=index, value=scores.ravel()[index])


def _equal(first: Dict[str, Any], second: Dict[str, Any]) -> bool:
    return set(first) == set(second) and all(_same(first[name], second[name]) for name in first)


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, np.ndarray):
        return isinstance(second, np.ndarray) and first.dtype == second.dtype and np.array_equal(first, second)
    return type(first) is type(second) and bool(first == second)


def expand_window(window: Window) -> Window:
    """The inverse of :func:`compact_window`; a window with dense scores stays as it is.

    Args:
        window (dict): A stored window.

    Returns:
        dict: With dense ``scores`` and a dict of arrays for each step.

    Raises:
        ValueError: If the parts do not fit together.
    """
    whole = dict(window)
    for key in prediction_keys(window):
        prediction = window[key]
        if isinstance(prediction, dict) and isinstance(prediction.get('scores'), dict):
            whole[key] = dict(prediction, scores=_expand_scores(prediction['scores']))
    name = whole.get(LAST_STEP)
    if isinstance(name, str):
        if not isinstance(whole.get(name), dict):
            raise ValueError(f'its {LAST_STEP} are said to be {name}, which it lacks')
        whole[LAST_STEP] = whole[name]
    return whole


def _expand_scores(parts: Dict[str, Any]) -> np.ndarray:
    shape, index, value = parts.get('shape'), parts.get('index'), parts.get('value')
    if not isinstance(shape, tuple) or not all(type(size) is int and size >= 0 for size in shape):
        raise ValueError('its scores have no shape')
    if not isinstance(index, np.ndarray) or not isinstance(value, np.ndarray) or index.shape != (value.size, ):
        raise ValueError('the places of its scores and their values do not fit together')
    size = math.prod(shape)
    if size > 2**31 or (len(index) and (index.dtype.kind != 'u' or index.max() >= size)):
        raise ValueError(f'a place of its scores lies outside of their shape {shape}')
    scores = np.zeros(size, dtype=value.dtype)
    scores[index] = value.ravel()
    return scores.reshape(shape)


class StoredWindows(abc.Sequence):
    """Stored windows, each of which is expanded when it is asked for: at AVA's size all at once would be 4 GB.

    Args:
        windows (list[dict]): As stored.
        path (str): The file, for messages.
    """

    def __init__(self, windows: List[Window], path: str) -> None:
        self._windows = windows
        self._path = path

    def __len__(self) -> int:
        return len(self._windows)

    @overload
    def __getitem__(self, index: int) -> Window:
        ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Window]:
        ...

    def __getitem__(self, index):
        """A window, or a part of them.

        Raises:
            LaunchError: If the window is damaged.
        """
        if isinstance(index, slice):
            return StoredWindows(self._windows[index], self._path)
        window = self._windows[index]
        try:
            return expand_window(window)
        except ValueError as error:
            raise LaunchError(f'{self._path}: window {index} (video {window.get("video_id")}): {error}. The file is '
                              'damaged; test again with --dump') from error


def write_windows(path: str, windows: Sequence[Window]) -> None:
    """Writes windows as :func:`read_dump` reads them.

    Args:
        path (str): The file, which appears whole or not at all; its folder is made.
        windows (Sequence[dict]): From :func:`compact_window`.

    Raises:
        LaunchError: If the file cannot be written.
    """
    # Protocol 2, MMEngine's, spells the bytes of an array as text and needs more globals to read it.
    with AtomicFile(path, make_folder=True) as name, open(name, 'wb') as file:
        pickle.dump(windows, file, protocol=4)
