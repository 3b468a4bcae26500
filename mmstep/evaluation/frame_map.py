"""Frame-mAP: average precision over the boxes of single frames."""
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from mmstep.structures import TubeGroundTruth, Tubelets
from .average_precision import average_precision
from .canonical import content_keys, descending
from .overlap import box_iou, greedy_nms
from .presets import EvaluationRules, Rules, get_rules

# Entries of the largest array that is made at once, 8 bytes each.
CHUNK = 4_000_000


class FrameDetections(NamedTuple):
    """Boxes of the frames of one video after NMS, in no particular order.

    Attributes:
        frame (np.ndarray): (n,) int64, from 1.
        label (np.ndarray): (n,) int64.
        score (np.ndarray): (n,).
        boxes (np.ndarray): (n, 4).
    """
    frame: np.ndarray
    label: np.ndarray
    score: np.ndarray
    boxes: np.ndarray


def frame_map(truth: TubeGroundTruth,
              tubelets: Tubelets,
              rules: Rules = 'act',
              iou_thrs: Union[float, Sequence[float]] = 0.5) -> Dict[float, Dict[str, Optional[float]]]:
    """Frame-mAP of tubelets.

    A frame's detections are the boxes of all tubelets that cover it, each with the score of its tubelet; they pass NMS
    per class. In order of falling score each takes the annotated box of its class and frame that it overlaps most
    among those not taken, if the IoU is at least the threshold. The result does not depend on any order.

    Args:
        truth (TubeGroundTruth): Annotations.
        tubelets (Tubelets): Detections of all videos, in any order. Scores that are not over 0 do not count.
        rules (str | dict | EvaluationRules): See :func:`get_rules`. Defaults to 'act'.
        iou_thrs (float | Sequence[float]): Thresholds. Defaults to 0.5.

    Returns:
        dict: For each threshold a dict from class name to average precision in [0, 1], None for classes that are never
        annotated, and ``mAP``, the mean of the others.

    Example:
        >>> frame_map(truth, tubelets)[0.5]['mAP']  # doctest: +SKIP
    """
    rules = get_rules(rules)
    thresholds = [float(value) for value in np.atleast_1d(iou_thrs)]
    scorer = FrameScorer(truth, rules, thresholds)
    for video, rows in rows_by_video(tubelets, len(truth.videos)):
        scorer.add(video, take(tubelets, rows))
    return scorer.result()


class FrameScorer:
    """Frame-mAP video by video: of a video that is done only scores and hits are kept.

    Args:
        truth (TubeGroundTruth): Annotations.
        rules (EvaluationRules): Rules.
        thresholds (list[float]): Of the IoU.
    """

    def __init__(self, truth: TubeGroundTruth, rules: EvaluationRules, thresholds: List[float]) -> None:
        self.truth = truth
        self.rules = rules
        self.thresholds = thresholds
        self._rows = np.split(np.argsort(truth.tube_video[truth.row_tube], kind='stable'),
                              np.cumsum(np.bincount(truth.tube_video[truth.row_tube], minlength=len(truth.videos)))[:-1])
        # Ties between videos go by the videos' names, whatever their order.
        self._place = np.argsort(np.argsort(np.array(truth.videos), kind='stable'), kind='stable')
        self._scored: List[Tuple[np.ndarray, ...]] = []

    def add(self, video: int, tubelets: Tubelets) -> None:
        """Scores the tubelets of a video."""
        found = frame_detections(tubelets, len(self.truth.labels), int(self.truth.nframes[video]), self.rules)
        # The boxes of one tubelet have one score in all its frames: ties are the rule. As in ACT earlier frames go first.
        order = np.lexsort((content_keys(found.boxes), found.frame, -found.score))
        found = FrameDetections(*(column[order] for column in found))
        hits = self._match(video, found)
        place = (self._place[video] << np.int64(40)) + np.arange(len(order))
        self._scored.append((found.label.astype(np.int16), found.score, place, hits))

    def _match(self, video: int, found: FrameDetections) -> np.ndarray:
        """Which detections, best first, hit at each threshold, (n, thresholds) bool."""
        rows = self._rows[video]
        labels = self.truth.tube_label[self.truth.row_tube[rows]]
        rows = self.truth.rows[rows]
        return match_boxes(found, rows[:, 0].astype(np.int64), labels, rows[:, 1:], self.thresholds,
                           self.rules.plus_one)

    def result(self) -> Dict[float, Dict[str, Optional[float]]]:
        """The figures, see :func:`frame_map`."""
        counts = np.bincount(self.truth.tube_label[self.truth.row_tube], minlength=len(self.truth.labels))
        return precision_per_class(self._scored, counts, self.truth.labels, self.thresholds, self.rules)


def precision_per_class(scored: List[Tuple[np.ndarray, ...]], counts: np.ndarray, names: List[str],
                        thresholds: List[float], rules: EvaluationRules) -> Dict[float, Dict[str, Optional[float]]]:
    """Average precision of every class and their mean.

    Args:
        scored (list): Per video label (n,), score (n,), rank among equal scores (n,), hits (n, thresholds).
        counts (np.ndarray): (L,) how often each class is annotated.
        names (list[str]): Of the classes.
        thresholds (list[float]): Of the overlap.
        rules (EvaluationRules): Rules.

    Returns:
        dict: See :func:`frame_map`.
    """
    columns = [np.concatenate(parts) for parts in zip(*scored)] if scored else None
    aps = np.full((len(names), len(thresholds)), np.nan)
    for label in np.flatnonzero(counts):
        aps[label] = 0
        if columns is not None:
            mine = np.flatnonzero(columns[0] == label)
            mine = mine[descending(columns[1][mine], columns[2][mine])]
            aps[label] = average_precision(columns[3][mine], int(counts[label]), rules.average_precision)
    return {
        threshold: dict({name: None if np.isnan(ap) else float(ap) for name, ap in zip(names, aps[:, column])},
                        mAP=float(np.nanmean(aps[:, column])) if counts.any() else 0.)
        for column, threshold in enumerate(thresholds)
    }


def rows_by_video(tubelets: Tubelets, num_videos: int) -> Iterator[Tuple[int, np.ndarray]]:
    """The rows of every video, videos without any included."""
    order = np.argsort(tubelets.video, kind='stable')
    ends = np.cumsum(np.bincount(tubelets.video, minlength=num_videos))
    yield from enumerate(np.split(order, ends[:-1]))


def take(tubelets: Tubelets, rows: np.ndarray) -> Tubelets:
    """Some of the tubelets."""
    return Tubelets(*(None if column is None else column[rows] for column in tubelets))


def class_scores(tubelets: Tubelets, num_labels: int) -> np.ndarray:
    """Scores (N, L) of tubelets of either kind, zero for classes that a tubelet does not belong to."""
    if tubelets.label is None:
        return tubelets.scores.astype(np.float64)
    scores = np.zeros((len(tubelets.scores), num_labels))
    scores[np.arange(len(scores)), tubelets.label] = tubelets.scores
    return scores


def frame_detections(tubelets: Tubelets, num_labels: int, nframes: int, rules: EvaluationRules) -> FrameDetections:
    """Boxes of every frame of a video after NMS per class.

    Args:
        tubelets (Tubelets): Of one video.
        num_labels (int): Number L of classes.
        nframes (int): Frames of the video; boxes beyond are left out.
        rules (EvaluationRules): Rules.

    Returns:
        FrameDetections: Those that are left; with soft NMS all, with their new scores.
    """
    count, length = tubelets.boxes.shape[:2]
    scores = class_scores(tubelets, num_labels)
    frame = (tubelets.start[:, None] + np.arange(length)).ravel()
    row = np.repeat(np.arange(count), length)
    boxes = tubelets.boxes.reshape(-1, 4).astype(np.float64)
    inside = (frame >= 1) & (frame <= nframes)
    frame, row, boxes = frame[inside], row[inside], boxes[inside]
    # Within a frame in an order made of the content, for NMS gives ties to the first.
    order = np.lexsort((content_keys(boxes), frame))
    frame, row, boxes = frame[order], row[order], boxes[order]
    frames, first, sizes = np.unique(frame, return_index=True, return_counts=True)
    parts = [_suppress(boxes, row, scores, first[group], sizes[group], rules) for group in _chunks(sizes, num_labels)]
    if not parts:
        return FrameDetections(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 4)))
    box, label, score = (np.concatenate(columns) for columns in zip(*parts))
    return FrameDetections(frame[box], label, score, boxes[box])


def _chunks(sizes: np.ndarray, num_labels: int) -> Iterator[np.ndarray]:
    """Groups of frames of like sizes whose arrays do not get too large."""
    order = np.argsort(sizes, kind='stable')
    begin = 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and (end + 1 - begin) * sizes[order[end]] * max(sizes[order[end]],
                                                                               num_labels) <= CHUNK:
            end += 1
        yield order[begin:end]
        begin = end


def _suppress(boxes: np.ndarray, row: np.ndarray, scores: np.ndarray, first: np.ndarray, sizes: np.ndarray,
              rules: EvaluationRules) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """NMS in some frames: index of the box, label and score of what is left."""
    slots = np.arange(sizes.max())
    index = first[:, None] + np.minimum(slots, sizes[:, None] - 1)
    filled = slots < sizes[:, None]
    padded = np.where(filled[:, :, None], scores[row[index]], 0).transpose(0, 2, 1)  # (frames, L, slots)
    iou = box_iou(boxes[index][:, :, None], boxes[index][:, None], rules.plus_one)
    left = greedy_nms(iou, padded, rules.frame_nms_thr, soft=rules.soft_nms)
    group, label, slot = np.nonzero(left)
    return index[group, slot], label, left[group, label, slot]


def match_boxes(found: FrameDetections, frames: np.ndarray, labels: np.ndarray, boxes: np.ndarray,
                thresholds: Sequence[float], plus_one: bool) -> np.ndarray:
    """Greedy matching of detections with annotated boxes of the same frame and class.

    Args:
        found (FrameDetections): n detections, best first.
        frames (np.ndarray): (M,) frame of each annotated box.
        labels (np.ndarray): (M,) its class.
        boxes (np.ndarray): (M, 4).
        thresholds (Sequence[float]): Least IoU.
        plus_one (bool): Whether x2 and y2 belong to a box.

    Returns:
        np.ndarray: (n, thresholds) bool.
    """
    hits = np.zeros((len(found.frame), len(thresholds)), dtype=bool)
    if not len(frames) or not len(found.frame):
        return hits
    # Pairs of a detection and an annotated box of its frame and class.
    stride = int(max(labels.max(), found.label.max())) + 1
    cells = frames * stride + labels
    order = np.argsort(cells, kind='stable')
    wanted = found.frame * stride + found.label
    begin = np.searchsorted(cells[order], wanted, side='left')
    counts = np.searchsorted(cells[order], wanted, side='right') - begin
    detection = np.repeat(np.arange(len(wanted)), counts)
    within = np.arange(len(detection)) - np.repeat(np.cumsum(counts) - counts, counts)
    target = order[np.repeat(begin, counts) + within]
    iou = box_iou(found.boxes[detection], boxes[target], plus_one)
    for column, threshold in enumerate(thresholds):
        good = iou >= threshold
        pairs = zip(detection[good].tolist(), target[good].tolist(), iou[good].tolist())
        hits[_greedy(pairs), column] = True
    return hits


def _greedy(pairs: Iterator[Tuple[int, int, float]]) -> List[int]:
    """The detections that get an annotation; pairs come in the order of the detections."""
    taken, matched = set(), []
    current, best, best_iou = -1, -1, -1.
    for detection, target, iou in pairs:
        if detection != current:
            if best >= 0:
                taken.add(best)
                matched.append(current)
            current, best, best_iou = detection, -1, -1.
        if iou > best_iou and target not in taken:
            best, best_iou = target, iou
    if best >= 0:
        matched.append(current)
    return matched
