"""Detections on AVA as arrays, rounded as MMAction2's AVAMetric rounds them."""
from typing import Dict, List, NamedTuple, Sequence, Union

import numpy as np

# A box or a score has four decimals in the csv file that AVAMetric writes and reads back.
DECIMALS = 10_000


class AVADetections(NamedTuple):
    """Detections; a box with several classes has a row for each.

    Attributes:
        keys (list[str]): Image keys (video and second) of the frames, each once.
        frame (np.ndarray): (B,) int, the frame of each box, an index into ``keys``.
        boxes (np.ndarray): (B, 4) float64, y1, x1, y2, x2, fractions of the frame.
        box (np.ndarray): (N,) int, the box of each detection, an index into ``boxes``.
        label (np.ndarray): (N,) int, its action id.
        score (np.ndarray): (N,) float32.
    """
    keys: List[str]
    frame: np.ndarray
    boxes: np.ndarray
    box: np.ndarray
    label: np.ndarray
    score: np.ndarray


def rounded(values: np.ndarray) -> np.ndarray:
    """Rounds to four decimals as Python's ``f'{value:.4f}'`` does: exactly, halves to the even digit.

    Args:
        values (np.ndarray): float32, of any shape. Their products with 10,000 are exact in float64.

    Returns:
        np.ndarray: float64, of the same shape, the numbers that ``float`` makes of the texts.
    """
    return np.rint(values.astype(np.float64) * DECIMALS) / DECIMALS


def pack_window(boxes: np.ndarray, scores: np.ndarray, action_ids: np.ndarray,
                thr: Union[float, Sequence[float]]) -> Dict[str, np.ndarray]:
    """Keeps what is detected in a window, by the rules of MMAction2's ``bbox2result``.

    Args:
        boxes (np.ndarray): (n, 4) float32, x1, y1, x2, y2, fractions of the frame.
        scores (np.ndarray): (n, C + 1) float32, column 0 unused.
        action_ids (np.ndarray): (C + 1,) int, the action id of each column, 0 for those that are not scored.
        thr (float | Sequence[float]): Scores have to be higher, one threshold for all columns or one for each. A
            negative number takes each box for its best class alone.

    Returns:
        dict[str, np.ndarray]: ``boxes`` (m, 4) float32, those with a detection, and of every detection, class by
        class, ``row`` among these boxes, ``label`` (both uint16) and ``score`` (float32).

    Raises:
        ValueError: If the number of columns or thresholds is not that of the action ids.
    """
    if not len(scores):
        scores = np.zeros((0, len(action_ids)), dtype=np.float32)
    thresholds = np.broadcast_to(np.asarray(thr, dtype=np.float32), np.shape(thr) or len(action_ids))
    if scores.shape[1] != len(action_ids) or len(thresholds) != len(action_ids):
        raise ValueError(f'num_classes={len(action_ids)} does not fit scores of {scores.shape[1]} columns and '
                         f'{len(thresholds)} thresholds (action_thr)')
    if isinstance(thr, (int, float)) and thr < 0:
        found = np.zeros(scores.shape, dtype=bool)
        if len(scores):
            found[np.arange(len(scores)), scores[:, 1:].argmax(axis=1) + 1] = True
    else:
        found = scores > thresholds
    found &= action_ids > 0
    column, row = np.nonzero(found.T)
    used = found.any(axis=1)
    return dict(
        boxes=boxes[used],
        row=(np.cumsum(used) - 1)[row].astype(np.uint16),
        label=action_ids[column].astype(np.uint16),
        score=scores[row, column])


def gather_windows(keys: Sequence[str], windows: Sequence[Dict[str, np.ndarray]]) -> AVADetections:
    """Joins windows and rounds their boxes and scores.

    Args:
        keys (Sequence[str]): Image key of each window; those of a key that comes twice count together.
        windows (Sequence[dict]): As :func:`pack_window` made them.

    Returns:
        AVADetections: In the order of the windows.
    """
    number: Dict[str, int] = {}
    frames = np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int32)
    types = dict(boxes=np.float32, row=np.uint16, label=np.uint16, score=np.float32)
    empty = {name: np.zeros((0, 4) if name == 'boxes' else 0, dtype) for name, dtype in types.items()}
    boxes, row, label, score = (np.concatenate([item[name] for item in (*windows, empty)]) for name in types)
    num_boxes, num_found = (
        np.array([len(item[name]) for item in windows], dtype=np.int64) for name in ('boxes', 'row'))
    box = np.repeat((np.cumsum(num_boxes) - num_boxes).astype(np.int32), num_found)
    box += row
    return AVADetections(
        list(number), np.repeat(frames, num_boxes),
        rounded(boxes)[:, [1, 0, 3, 2]], box, label,
        rounded(score).astype(np.float32))
