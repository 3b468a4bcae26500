"""Video-mAP: average precision over whole tubes."""
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from mmstep.structures import ActionTube, TubeGroundTruth
from .average_precision import precision_per_class
from .matching import match_overlaps
from .overlap import tube_overlaps
from .rules import EvaluationRules, Rules, get_rules
from .tie_breaking import content_keys, descending

ScoredTubes = Tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

# Tubes that are compared at once with those of lower score.
BLOCK = 32

TubesByVideo = Union[Mapping[int, List[ActionTube]], Iterable[Tuple[int, List[ActionTube]]]]


def video_map(truth: TubeGroundTruth,
              tubes: TubesByVideo,
              iou_thrs: Union[float, Sequence[float]] = (0.05, 0.1, 0.2, 0.5),
              rules: Rules = 'act') -> Dict[float, Dict[str, Optional[float]]]:
    """Video-mAP of tubes.

    The tubes of a video and class pass a spatio-temporal NMS. In order of falling score each takes the annotated tube
    of its video and class that it overlaps most among those not taken, if the overlap is at least the threshold; the
    overlap is temporal IoU times mean spatial IoU over the common frames. The result does not depend on any order.

    Args:
        truth (TubeGroundTruth): Annotations.
        tubes (Mapping[int, list] | Iterable[tuple[int, list]]): Tubes by index of the video, each video once.
        iou_thrs (float | Sequence[float]): Thresholds. Defaults to (0.05, 0.1, 0.2, 0.5).
        rules (str | dict | EvaluationRules): See :func:`get_rules`. Defaults to 'act'.

    Returns:
        dict: For each threshold a dict from class name to average precision in [0, 1], None for classes that are never
        annotated, and ``mAP``, the mean of the others.
    """
    rules = get_rules(rules)
    scorer = TubeScorer(truth, rules, [float(value) for value in np.atleast_1d(iou_thrs)])
    for video, items in tubes.items() if isinstance(tubes, Mapping) else tubes:
        scorer.add(video, items)
    return scorer.result()


class TubeScorer:
    """Video-mAP video by video: of a video that is done only scores and hits are kept.

    Args:
        truth (TubeGroundTruth): Annotations.
        rules (EvaluationRules): Rules.
        thresholds (list[float]): Of the overlap.
    """

    def __init__(self, truth: TubeGroundTruth, rules: EvaluationRules, thresholds: List[float]) -> None:
        self.truth = truth
        self.rules = rules
        self.thresholds = thresholds
        order = np.argsort(truth.row_tube, kind='stable')
        rows = np.split(truth.rows[order],
                        np.cumsum(np.bincount(truth.row_tube, minlength=len(truth.tube_label)))[:-1])
        self._truth: Dict[Tuple[int, int], List[np.ndarray]] = {}
        for tube, (video, label) in enumerate(zip(truth.tube_video.tolist(), truth.tube_label.tolist())):
            self._truth.setdefault((video, label), []).append(rows[tube])
        for tubes in self._truth.values():  # of two that overlap equally the first is taken
            tubes.sort(key=lambda tube: int(_tube_keys([tube])[0]))
        self._scored: List[ScoredTubes] = []

    def add(self, video: int, tubes: List[ActionTube]) -> None:
        """Scores the tubes of a video."""
        self.add_scores(self.score(video, tubes))

    def add_scores(self, scores: List[ScoredTubes]) -> None:
        """Takes what :meth:`score` found, perhaps in another process."""
        self._scored += scores

    def score(self, video: int, tubes: List[ActionTube]) -> List[ScoredTubes]:
        """Label, score, tie-breaking key and hits of the tubes of a video that are left after NMS."""
        scored = []
        by_label: Dict[int, List[ActionTube]] = {}
        for tube in tubes:
            by_label.setdefault(tube.label, []).append(tube)
        for label, items in by_label.items():
            rows = [_rows(tube) for tube in items]
            name = self.truth.videos[video]
            keys = _tube_keys(rows, name)
            scores = np.array([tube.score for tube in items])
            order = descending(scores, keys)
            annotated = self._truth.get((video, label), [])
            boxes, present = lay_out([rows[index] for index in order] + annotated)
            kept = self._suppress(boxes[:len(items)], present[:len(items)])
            overlap = tube_overlaps(boxes[kept], present[kept], boxes[len(items):], present[len(items):],
                                    self.rules.plus_one, self.rules.temporal_plus_one)
            kept = order[kept]
            hits = match_overlaps(overlap, self.thresholds, self.rules.second_choice)
            scored.append((np.full(len(kept), label, dtype=np.int16), scores[kept], keys[kept], hits))
        return scored

    def _suppress(self, boxes: np.ndarray, present: np.ndarray) -> np.ndarray:
        """Spatio-temporal NMS of tubes, best first; the indices of those that stay."""
        kept: List[int] = []
        left = np.arange(len(boxes))
        while len(left):
            overlap = tube_overlaps(boxes[left[:BLOCK]], present[left[:BLOCK]], boxes[left], present[left],
                                    self.rules.plus_one, self.rules.temporal_plus_one)
            stays = np.ones(len(left), dtype=bool)
            for index, row in enumerate(overlap):
                if stays[index]:
                    kept.append(int(left[index]))
                    stays &= row <= self.rules.tube_nms_thr
            left = left[BLOCK:][stays[BLOCK:]]
        return np.array(kept, dtype=np.int64)

    def result(self) -> Dict[float, Dict[str, Optional[float]]]:
        """The figures, see :func:`video_map`."""
        counts = np.bincount(self.truth.tube_label, minlength=len(self.truth.labels))
        counts[self.rules.is_excluded(self.truth.labels)] = 0
        empty = (np.zeros(0,
                          np.int16), np.zeros(0), np.zeros(0,
                                                           np.uint64), np.zeros((0, len(self.thresholds)), dtype=bool))
        labels, scores, keys, hits = (np.concatenate(parts) for parts in zip(*self._scored, empty))
        order = np.argsort(keys, kind='stable')
        return precision_per_class(labels[order], scores[order], hits[order], counts, self.truth.labels,
                                   self.thresholds, self.rules.average_precision)


def lay_out(tubes: List[np.ndarray]) -> Tuple[np.ndarray, np.ndarray]:
    """Lays tubes onto common frames.

    Args:
        tubes (list[np.ndarray]): N arrays (n, 5): frame, x1, y1, x2, y2; at least one.

    Returns:
        tuple[np.ndarray, np.ndarray]: Boxes (N, F, 4) and where there are any (N, F), F from the first to the last
        frame of all.
    """
    first = int(min(tube[0, 0] for tube in tubes))
    last = int(max(tube[-1, 0] for tube in tubes))
    boxes = np.zeros((len(tubes), last + 1 - first, 4))
    present = np.zeros(boxes.shape[:2], dtype=bool)
    for index, tube in enumerate(tubes):
        frames = tube[:, 0].astype(np.int64) - first
        boxes[index, frames] = tube[:, 1:]
        present[index, frames] = True
    return boxes, present


def _rows(tube: ActionTube) -> np.ndarray:
    """A tube with its frames, (n, 5)."""
    frames = np.arange(tube.start, tube.start + len(tube.boxes), dtype=np.float64)
    return np.concatenate([frames[:, None], tube.boxes], axis=1)


def _tube_keys(tubes: List[np.ndarray], name: str = '') -> np.ndarray:
    """A number for each tube (n, 5), made of its content."""
    return content_keys(np.array([[tube.sum(), *tube[0], *tube[-1]] for tube in tubes]), name=name)
