"""What linking needs to know of the tubelets of start frames, for many of these at once."""
from typing import Dict, Iterator, List, NamedTuple, Tuple

import numpy as np

from ..overlap import greedy_nms, tubelet_iou
from ..rules import EvaluationRules
from ..tie_breaking import content_keys

# Numbers in the largest array that is made at once, 8 bytes each: little enough for the processor's cache.
CHUNK = 50_000


class StartFrame(NamedTuple):
    """The tubelets of a start frame after NMS.

    Attributes:
        start (int): The frame.
        boxes (np.ndarray): (n, K, 4) float64, in the order that decides ties.
        rows (list[list[int]]): For each class the tubelets that are linked, best first.
        scores (list[list[float]]): For each class the score of all n; NaN for what is gone.
    """
    start: int
    boxes: np.ndarray
    rows: List[List[int]]
    scores: List[List[float]]


def prepare_frames(starts: np.ndarray, boxes: np.ndarray, scores: np.ndarray,
                   rules: EvaluationRules) -> List[StartFrame]:
    """Suppresses and ranks the tubelets of every start frame.

    Args:
        starts (np.ndarray): (N,) int, start frame of each tubelet.
        boxes (np.ndarray): (N, K, 4) float64.
        scores (np.ndarray): (N, L) float64; those not over 0 do not count.
        rules (EvaluationRules): Rules.

    Returns:
        list[StartFrame]: By time.
    """
    # NMS and linking give ties to the first row.
    tie = -np.arange(len(starts)) if rules.link_ties == 'last' else content_keys(boxes)
    order = np.lexsort((tie, starts))
    boxes, scores = boxes[order], scores[order]
    times, first, counts = np.unique(starts[order], return_index=True, return_counts=True)
    frames: List[StartFrame] = [None] * len(times)  # type: ignore[list-item]
    for count in np.unique(counts).tolist():
        for part in _parts(np.flatnonzero(counts == count), count * max(count * boxes.shape[1], scores.shape[1])):
            index = first[part, None] + np.arange(count)
            left = _suppress(boxes[index], scores[index], rules)
            kept = np.minimum((~np.isnan(left)).sum(axis=2), rules.tubelets_kept).tolist()
            best = np.argsort(-left, axis=2, kind='stable').tolist()  # NaN last
            for frame, begin, numbers, ranked, values in zip(part.tolist(), first[part].tolist(), kept, best,
                                                             left.tolist()):
                rows = [row[:number] for row, number in zip(ranked, numbers)]
                frames[frame] = StartFrame(int(times[frame]), boxes[begin:begin + count], rows, values)
    return frames


def _suppress(boxes: np.ndarray, scores: np.ndarray, rules: EvaluationRules) -> np.ndarray:
    """Scores (F, L, n) after NMS, NaN for what is gone; soft NMS leaves zeros and negative ones, which count."""
    overlap = tubelet_iou(boxes, boxes, rules.nms_plus_one).sum(axis=3)
    threshold = rules.tubelet_nms_thr * boxes.shape[2]
    return greedy_nms(overlap, scores.transpose(0, 2, 1), threshold, rules.soft_nms)


def reaches(earlier: np.ndarray, later: np.ndarray, offset: int, rules: EvaluationRules) -> np.ndarray:
    """Which tubelets may be continued by which.

    Args:
        earlier (np.ndarray): (F, n, K, 4).
        later (np.ndarray): (F, m, K, 4), tubelets that begin ``offset`` frames later.
        offset (int): Frames, over 0.
        rules (EvaluationRules): Rules.

    Returns:
        np.ndarray: (F, n, m) bool.
    """
    common = earlier.shape[2] - offset
    if common > 0:
        overlap = tubelet_iou(earlier[:, :, offset:], later[:, :, :common], rules.plus_one)
    else:
        overlap = tubelet_iou(earlier[:, :, -1:], later[:, :, :1], rules.plus_one)
    return overlap.mean(axis=3) >= rules.link_iou


def reaches_of_frames(frames: List[StartFrame], gap: int, rules: EvaluationRules) -> List[Dict[int, list]]:
    """Which tubelets of every start frame may continue which of the frames before.

    Args:
        frames (list[StartFrame]): By time.
        gap (int): Frames that a path lives without a tubelet.
        rules (EvaluationRules): Rules.

    Returns:
        list[dict[int, list]]: For each start frame, by the start of an earlier one, (n, m) bool as nested lists.
    """
    found: List[Dict[int, list]] = [{} for _ in frames]
    pairs: Dict[Tuple[int, int, int], List[Tuple[int, int]]] = {}
    for later, frame in enumerate(frames):
        earlier = later - 1
        while earlier >= 0 and frame.start - frames[earlier].start <= gap:
            form = (frame.start - frames[earlier].start, len(frames[earlier].boxes), len(frame.boxes))
            pairs.setdefault(form, []).append((earlier, later))
            earlier -= 1
    for (offset, count, other), places in pairs.items():
        for part in _parts(np.array(places), count * other * max(frames[0].boxes.shape[1] - offset, 1)):
            first, second = (np.stack([frames[place].boxes for place in column]) for column in part.T.tolist())
            for (earlier, later), reach in zip(part.tolist(), reaches(first, second, offset, rules).tolist()):
                found[later][frames[earlier].start] = reach
    return found


def _parts(items: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Parts of some items of which each takes ``size`` numbers."""
    step = max(CHUNK // max(size, 1), 1)
    for begin in range(0, len(items), step):
        yield items[begin:begin + step]
