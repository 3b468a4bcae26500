"""Checks of dumped predictions: types, shapes and ranges, before anybody computes with them."""
from typing import Any, Dict, List, Optional, Sequence

import numpy as np
import torch

from mmstep.datasets.tube_annotations import MOST_CLASSES, MOST_FRAMES
from mmstep.datasets.tube_checks import MOST_PIXELS
from mmstep.structures.step_predictions import LAST_STEP
from mmstep.utils.quoting import is_one_line, one_line


def window_fault(window: Any) -> Optional[str]:
    """Says what is wrong with a window of a dump.

    Args:
        window (Any): Should be a dict of ``video_id``, ``timestamp`` or ``clip_start``, and ``pred_instances`` or
            ``pred_instances_step1`` and so on: dicts of ``scores`` (n, C) and ``bboxes`` (n, 4) or ``tubes``
            (n, T, 4), arrays or tensors. Scores may be stored as ``shape``, ``index`` and ``value``, and
            ``pred_instances`` as the name of a step.

    Returns:
        str or None: What is wrong, on one line.
    """
    keys = _prediction_keys(window)
    if not keys or 'video_id' not in window:
        return f'it is a {type(window).__name__} without video_id or {LAST_STEP}'
    video = window['video_id']
    if not isinstance(video, (str, int)) or not is_one_line(str(video)):
        return f'its video_id is {one_line(video)}, no name'
    for name, fits, kind in (('timestamp', is_second, 'second'), ('clip_start', is_whole, 'whole number')):
        if name in window and not fits(window[name], -MOST_FRAMES, MOST_FRAMES):
            return f'its {name} is {one_line(window[name])}, no {kind} up to {MOST_FRAMES}'
    if 'img_key' in window and not (isinstance(window['img_key'], str) and is_one_line(window['img_key'])):
        return f'its img_key is {one_line(window["img_key"])}, no name'
    shape = window.get('img_shape', (1, 1))
    if not isinstance(shape, (tuple, list)) or len(shape) < 2 or not all(
            is_whole(side, 1, MOST_PIXELS) for side in shape[:2]):
        return f'its img_shape is {one_line(shape)}, no height and width'
    for key in keys:
        fault = _prediction_fault(window[key], [name for name in keys if name != LAST_STEP])
        if fault is not None:
            return f'its {key}: {fault}'
    return None


def is_whole(value: Any, least: int, most: int) -> bool:
    """Whether something is a whole number of a range, or an array of no dimension or a text of one.

    Args:
        value (Any): The value.
        least (int): The smallest number.
        most (int): The largest one.

    Returns:
        bool: Whether.
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return False
    try:
        return least <= int(value) <= most and (isinstance(value, str) or bool(int(value) == value))
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return False


def is_second(value: Any, least: int, most: int) -> bool:
    """Whether something is a number of a range, whole or, as key times of people's own data, not.

    Args:
        value (Any): The value.
        least (int): The smallest number.
        most (int): The largest one.

    Returns:
        bool: Whether.
    """
    return is_whole(value, least, most) or (isinstance(value, (float, np.floating)) and bool(least <= value <= most))


def _prediction_keys(window: Any) -> List[str]:
    if not isinstance(window, dict):
        return []
    return [key for key in window if isinstance(key, str) and key.startswith(LAST_STEP)]


def _prediction_fault(found: Any, steps: Sequence[str]) -> Optional[str]:
    if isinstance(found, str):
        return None if found in steps else f'it is said to be {one_line(found)}, which there is not'
    if not isinstance(found, dict) or 'scores' not in found or not {'bboxes', 'tubes'} & set(found):
        return 'it has no scores, or neither bboxes nor tubes'
    counts: Dict[str, int] = {}
    shape: Any
    for name, dims in (('scores', 2), ('bboxes', 2), ('tubes', 3)):
        if name not in found:
            continue
        value = found[name]
        if name == 'scores' and isinstance(value, dict):
            shape, fault = value.get('shape', ()), _stored_fault(value)
        else:
            shape, fault = tuple(getattr(value, 'shape', ())), _numbers_fault(value)
        if fault is None and (len(shape) != dims or (name != 'scores' and shape[-1] != 4) or 0 in shape[1:]
                              or max(shape[1:]) > MOST_CLASSES):
            fault = f'their shape is {one_line(shape)}'
        if fault is not None:
            return f'{name}: {fault}'
        counts[name] = shape[0]
    if len(set(counts.values())) > 1:
        return 'other numbers of ' + ' and '.join(f'{name} ({count})' for name, count in counts.items())
    return None


def _stored_fault(parts: dict) -> Optional[str]:
    """Of scores as :mod:`.dumps` stores them: their shape, where they are not zero, and these values."""
    shape, index, value = parts.get('shape'), parts.get('index'), parts.get('value')
    if not isinstance(shape, tuple) or not all(type(size) is int and size >= 0 for size in shape):
        return 'they have no shape'
    if not isinstance(index, np.ndarray) or not isinstance(value, np.ndarray) or index.ndim != 1 or value.ndim != 1:
        return 'they have no places or no values'
    if len(index) != len(value) or index.dtype.kind != 'u':
        return 'their places and values do not fit together'
    if len(index) and int(index.max()) >= np.prod(shape, dtype=object):
        return 'a place lies outside of their shape'
    return _numbers_fault(value)


def _numbers_fault(value: Any) -> Optional[str]:
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in 'iuf' or not value.dtype.isnative:
            return f'they are of the type {value.dtype}, no numbers'
        finite = value.dtype.kind != 'f' or bool(np.isfinite(value).all())
    elif isinstance(value, torch.Tensor):
        if value.is_complex() or value.dtype == torch.bool:
            return f'they are of the type {value.dtype}, no numbers'
        finite = bool(value.isfinite().all())
    else:
        return f'a {type(value).__name__}, no array'
    return None if finite else 'one is not finite: the model has diverged, or its precision was too low'
