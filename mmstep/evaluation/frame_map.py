"""Frame-mAP: average precision over the boxes of single frames."""
from typing import Dict, List, Optional, Sequence, Tuple, Union

import numpy as np

from mmstep.structures import TubeGroundTruth, Tubelets, tubelets_by_video
from .average_precision import precision_per_class
from .frame_detections import FrameDetections, frame_detections
from .matching import match_boxes
from .rules import EvaluationRules, Rules, get_rules

ScoredBoxes = Tuple[np.ndarray, np.ndarray, np.ndarray]


def frame_map(truth: TubeGroundTruth,
              tubelets: Tubelets,
              rules: Rules = 'act',
              iou_thrs: Union[float, Sequence[float]] = 0.5) -> Dict[float, Dict[str, Optional[float]]]:
    """Frame-mAP of tubelets.

    A frame's detections are the boxes of all tubelets that cover it, each with the score of its tubelet; they pass NMS
    per class. In order of falling score each takes the annotated box of its class and frame that it overlaps most
    among those not taken, if the IoU is at least the threshold. Of equal scores, which the boxes of one tubelet all
    have, earlier frames go first. The result does not depend on any order of the arrays.

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
    for video, found in tubelets_by_video(tubelets, len(truth.videos)):
        scorer.add(video, found)
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
        self._counts = np.bincount(truth.tube_label[truth.row_tube], minlength=len(truth.labels))
        self._counts[rules.is_excluded(truth.labels)] = 0
        self._rows = rows_of_videos(truth)
        self._scored: Dict[int, ScoredBoxes] = {}

    def add(self, video: int, tubelets: Tubelets) -> None:
        """Scores the tubelets of a video.

        Args:
            video (int): Index of the video, each one once.
            tubelets (Tubelets): All of its tubelets.

        Raises:
            ValueError: If the video was there before.
        """
        self.add_scores(video, self.score(video, tubelets))

    def add_scores(self, video: int, scores: ScoredBoxes) -> None:
        """Takes what :meth:`score` found, perhaps in another process.

        Args:
            video (int): Index of the video, each one once.
            scores (tuple): Of the video.

        Raises:
            ValueError: If the video was there before.
        """
        if video in self._scored:
            raise ValueError(f'video {self.truth.videos[video]} was scored before; give all of its tubelets at once')
        self._scored[video] = scores

    def score(self, video: int, tubelets: Tubelets) -> ScoredBoxes:
        """Label, score and hits of the boxes of a video, in the order of :func:`frame_detections`."""
        found = frame_detections(tubelets, len(self.truth.labels), int(self.truth.nframes[video]), self.rules)
        # Classes without annotations are not scored. In large sets these arrays are what takes memory.
        found = FrameDetections(*(column[self._counts[found.label] > 0] for column in found))
        rows = self._rows[video]
        labels = self.truth.tube_label[self.truth.row_tube[rows]]
        frames, boxes = self.truth.rows[rows, 0].astype(np.int64), self.truth.rows[rows, 1:]
        hits = match_boxes(found, frames, labels, boxes, self.thresholds, self.rules.plus_one,
                           self.rules.second_choice)
        score = found.score.astype(np.result_type(tubelets.scores, np.float32))
        return found.label.astype(np.int16), score, hits

    def result(self) -> Dict[float, Dict[str, Optional[float]]]:
        """The figures, see :func:`frame_map`."""
        # Ties between videos go by the videos' names, whatever their order.
        videos = sorted(self._scored, key=lambda video: self.truth.videos[video])
        empty = (np.zeros(0, np.int16), np.zeros(0, np.float32), np.zeros((0, len(self.thresholds)), bool))
        labels, scores, hits = (
            np.concatenate(parts) for parts in zip(*(self._scored[video] for video in videos), empty))
        return precision_per_class(labels, scores, hits, self._counts, self.truth.labels, self.thresholds,
                                   self.rules.average_precision)


def rows_of_videos(truth: TubeGroundTruth) -> List[np.ndarray]:
    """The rows of every video.

    Args:
        truth (TubeGroundTruth): Annotations.

    Returns:
        list[np.ndarray]: V arrays of indices into ``truth.rows``.
    """
    video = truth.tube_video[truth.row_tube]
    ends = np.cumsum(np.bincount(video, minlength=len(truth.videos)))
    return np.split(np.argsort(video, kind='stable'), ends[:-1])
