"""Boxes of a person detector, as MMAction2's AVADataset stores them."""
import re
from typing import Dict, Optional, Sequence

import numpy as np

from mmstep.errors import DataError
from mmstep.utils.quoting import is_one_line, one_line
from .ava_files import image_key, parse_second
from .safe_pickle import PickleError, load_pickle

# What MMAction2 takes for a key second of which the file says nothing.
WHOLE_FRAME = np.array([[0, 0, 1, 1]], dtype=np.float32)


def read_person_boxes(path: str) -> Dict[str, np.ndarray]:
    """Reads a proposal file.

    Args:
        path (str): Pickle of a dict from 'video_id,timestamp' (with or without leading zeros) to an array
            (n, 4) of boxes as fractions 0..1 of the frame, or (n, 5) with the detector's score last.

    Returns:
        dict[str, np.ndarray]: What the file holds, the timestamps of the keys with at least four digits.

    Raises:
        FileNotFoundError: If there is no such file.
        pickle.UnpicklingError: If the file is no such pickle.
        ValueError: If an entry is no such array; the message names file and key.
    """
    content = load_pickle(path)
    if not isinstance(content, dict):
        raise PickleError(f'{path} holds a {type(content).__name__}; a proposal file is a dict from '
                          "'video_id,timestamp' to an array of boxes")
    entries = {}
    for key, boxes in content.items():
        named = isinstance(key, str) and is_one_line(key)
        found = re.fullmatch(r'(.+),\s*0*([0-9]{1,7}(?:\.[0-9]{1,6})?)', key) if named else None
        name = one_line(key)
        if found is None:
            raise DataError(f"{path}: the key {name!r} has to be 'video_id,timestamp', for instance 'room_01,0012'")
        entries[image_key(found[1], parse_second(found[2]))] = boxes
        if not isinstance(boxes, np.ndarray) or boxes.ndim != 2 or boxes.shape[1] not in (4, 5):
            raise DataError(f'{path}: the boxes of {name!r} have to be an array (n, 4), or (n, 5) with scores; got '
                            f'{one_line(getattr(boxes, "shape", type(boxes).__name__))}')
        if boxes.dtype.kind not in 'iuf' or (boxes.shape[1] == 5 and np.isnan(boxes[:, 4]).any()):
            raise DataError(f'{path}: the boxes or scores of {name!r} are no numbers, but {boxes.dtype}')
        corners = boxes[:, :4]
        # A comparison with NaN is false.
        if not (((corners >= 0) & (corners <= 1)).all() and (corners[:, :2] <= corners[:, 2:]).all()):
            raise DataError(f'{path}: the boxes of {name!r} have to be x1, y1, x2, y2 as fractions 0..1 of the frame; '
                            f'got {one_line(corners.tolist())}')
    return entries


def keys_without_boxes(path: str, entries: Dict[str, np.ndarray], keys: Sequence[str]) -> str:
    """Counts the key seconds that a proposal file does not know, for which the whole frame stands in.

    Args:
        path (str): The file, for messages.
        entries (dict[str, np.ndarray]): From :func:`read_person_boxes`.
        keys (Sequence[str]): 'video_id,timestamp' of the windows, the timestamp with at least four digits.

    Returns:
        str: A sentence; empty if the file has them all.

    Raises:
        DataError: If it has none at all: it is of other videos.
    """
    lacking = [key for key in keys if key not in entries]
    if not lacking:
        return ''
    if len(lacking) == len(keys):
        other = f"it has {len(entries)} others, for instance '{next(iter(entries))}'" if entries else 'it is empty'
        raise DataError(
            f"{path} has no boxes for any of the {len(keys)} key seconds, for instance '{keys[0]}'; {other}. "
            'Is it of other videos, or are their names spelt otherwise?')
    return (f'{path} has no boxes for {len(lacking)} of {len(keys)} key seconds, for instance {lacking[0]}: the whole '
            'frame stands in for them')


def select_person_boxes(boxes: Optional[np.ndarray], score_thr: float, max_num: int) -> np.ndarray:
    """Selects boxes by MMAction2's rules; unlike MMAction2, an empty entry stays empty.

    Args:
        boxes (np.ndarray, optional): An entry of :func:`read_person_boxes`; None if the file has none.
        score_thr (float): With scores, boxes of at least this score are taken, or all with the highest score if none
            reaches it.
        max_num (int): So many at most, the first ones.

    Returns:
        np.ndarray: (n, 4) float32; the whole frame without an entry, n = 0 if the entry is empty.

    Example:
        >>> select_person_boxes(np.array([[0, 0, 1, 1, .2], [0, 0, .5, .5, .7]]), 0.9, 1000)
        array([[0. , 0. , 0.5, 0.5]], dtype=float32)
    """
    if boxes is None:
        return WHOLE_FRAME.copy()
    if boxes.shape[1] == 5 and len(boxes):
        boxes = boxes[boxes[:, 4] >= min(score_thr, boxes[:, 4].max())]
    return boxes[:max_num, :4].astype(np.float32)
