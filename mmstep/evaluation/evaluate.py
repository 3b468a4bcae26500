"""The whole evaluation of tubelets: frame-mAP, linking and video-mAP, video by video."""
from dataclasses import dataclass, field
from typing import Dict, List, NamedTuple, Optional, Sequence, cast

import numpy as np

from mmstep.structures import TubeGroundTruth, Tubelets, tubelets_by_video
from .frame_map import FrameScorer, ScoredBoxes
from .linking import find_stride, in_order, lay_paths, link_paths, tubes_of_laid
from .rules import EvaluationRules, Rules, get_rules
from .video_map import ScoredTubes, TubeScorer

PerThreshold = Dict[float, Dict[str, Optional[float]]]


@dataclass
class Evaluation:
    """All figures, in [0, 1].

    Attributes:
        frame (dict): See :func:`frame_map`.
        video (dict): See :func:`video_map`; empty if nothing was linked.
        video_thrs (tuple[float]): The thresholds of video-mAP that were asked for.
        rules (EvaluationRules): The rules, which say over which thresholds means are taken.
        untrimmed (dict): ``video`` without temporal trimming; empty if nothing was trimmed.
    """
    frame: PerThreshold
    video: PerThreshold
    video_thrs: Sequence[float]
    rules: EvaluationRules = EvaluationRules()
    untrimmed: PerThreshold = field(default_factory=dict)

    def figures(self) -> Dict[str, float]:
        """The means and, of the first frame threshold, the classes' average precision, by name."""
        figures = {f'frame-mAP@{thr:g}': _mean(classes) for thr, classes in self.frame.items()}
        for kind, video in (('video-mAP', self.video), ('untrimmed-video-mAP', self.untrimmed)):
            if video:
                figures.update({f'{kind}@{thr:g}': _mean(video[thr]) for thr in self.video_thrs})
                for name, thrs in self.rules.thresholds_of_means():
                    figures[f'{kind}@{name}'] = float(np.mean([_mean(video[thr]) for thr in thrs]))
        classes = next(iter(self.frame.values()))
        figures.update({f'AP/{name}': ap for name, ap in classes.items() if name != 'mAP' and ap is not None})
        return figures

    @property
    def absent(self) -> List[str]:
        """Classes that are never annotated."""
        return [name for name, ap in next(iter(self.frame.values())).items() if ap is None]


def _mean(classes: Dict[str, Optional[float]]) -> float:
    return cast(float, classes['mAP'])  # only the figure of a class that is never annotated is None


class VideoScores(NamedTuple):
    """What is left of a video once it is scored.

    Attributes:
        video (int): Its index.
        boxes (tuple): Label, score and hits of the boxes of frames.
        tubes (list[tuple]): Label, score, tie-breaking key and hits of the tubes.
        untrimmed (list[tuple]): The same without temporal trimming.
    """
    video: int
    boxes: ScoredBoxes
    tubes: List[ScoredTubes]
    untrimmed: List[ScoredTubes]


class TubeEvaluator:
    """Scores video after video and keeps of each only scores and hits.

    Args:
        truth (TubeGroundTruth): Annotations.
        rules (str | dict | EvaluationRules): See :func:`get_rules`. Defaults to 'act'.
        frame_iou_thrs (Sequence[float]): Thresholds of frame-mAP, at least one. Defaults to (0.5, ).
        video_iou_thrs (Sequence[float]): Thresholds of video-mAP; without any nothing is linked. Defaults to (0.05,
            0.1, 0.2, 0.5).
        trim (dict, optional): Turns on temporal trimming, see :class:`OnlineLinker`; the figures without it are then
            given too.
        stride (int, optional): Frames between the start frames of tubelets. Defaults to what :func:`find_stride`
            finds, for each video alone.
    """

    def __init__(self,
                 truth: TubeGroundTruth,
                 rules: Rules = 'act',
                 frame_iou_thrs: Sequence[float] = (0.5, ),
                 video_iou_thrs: Sequence[float] = (0.05, 0.1, 0.2, 0.5),
                 trim: Optional[dict] = None,
                 stride: Optional[int] = None) -> None:
        self.truth = truth
        self.rules = get_rules(rules)
        self.trim = trim
        self.stride = stride
        self.video_iou_thrs = tuple(float(thr) for thr in video_iou_thrs)
        self._frames = FrameScorer(truth, self.rules, [float(thr) for thr in frame_iou_thrs])
        means = [thr for _, thrs in self.rules.thresholds_of_means() for thr in thrs]
        thrs = sorted({*self.video_iou_thrs, *means})
        self._tubes = TubeScorer(truth, self.rules, thrs)
        self._untrimmed = TubeScorer(truth, self.rules, thrs)

    def add(self, video: int, tubelets: Tubelets) -> None:
        """Scores the tubelets of a video.

        Args:
            video (int): Index of the video, each one once.
            tubelets (Tubelets): All of its tubelets.

        Raises:
            ValueError: If a score or a box is not a finite number.
        """
        self.add_scores(self.score(video, tubelets))

    def add_scores(self, scores: VideoScores) -> None:
        """Takes what :meth:`score` found, perhaps in another process."""
        self._frames.add_scores(scores.video, scores.boxes)
        self._tubes.add_scores(scores.tubes)
        self._untrimmed.add_scores(scores.untrimmed)

    def score(self, video: int, tubelets: Tubelets) -> VideoScores:
        """Scores the tubelets of a video and keeps nothing.

        Args:
            video (int): Index of the video.
            tubelets (Tubelets): All of its tubelets.

        Returns:
            VideoScores: For :meth:`add_scores`.

        Raises:
            ValueError: If a score or a box is not a finite number.
        """
        _check_finite(self.truth.videos[video], tubelets)
        boxes, tubes, untrimmed = self._frames.score(video, tubelets), [], []
        if self.video_iou_thrs:
            paths = link_paths(tubelets, len(self.truth.labels), self.rules, self.stride)
            laid = lay_paths(paths, self.rules, int(self.truth.nframes[video]))
            tubes = self._tubes.score(video, in_order(tubes_of_laid(laid, self.rules, self.trim)))
            if self.trim is not None:
                untrimmed = self._untrimmed.score(video, in_order(tubes_of_laid(laid, self.rules)))
        return VideoScores(video, boxes, tubes, untrimmed)

    def result(self) -> Evaluation:
        """All figures."""
        video = self._tubes.result() if self.video_iou_thrs else {}
        untrimmed = self._untrimmed.result() if video and self.trim is not None else {}
        return Evaluation(self._frames.result(), video, self.video_iou_thrs, self.rules, untrimmed)


def _check_finite(video: str, tubelets: Tubelets) -> None:
    for what, values in (('score', tubelets.scores), ('box', tubelets.boxes)):
        bad = ~np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
        if bad.any():
            row = int(bad.argmax())
            raise ValueError(
                f'{int(bad.sum())} of {len(bad)} tubelets of the video {video} have a {what} that is not a '
                f'finite number; the first begins at frame {int(tubelets.start[row])}. The model has '
                'diverged, or the detections are damaged: look at the training losses, test again')


def evaluate_tubelets(truth: TubeGroundTruth,
                      tubelets: Tubelets,
                      stride: Optional[int] = None,
                      **kwargs) -> Evaluation:
    """Scores the tubelets of a whole data set.

    Args:
        truth (TubeGroundTruth): Annotations.
        tubelets (Tubelets): Detections of all videos, in any order.
        stride (int, optional): Frames between the start frames. Defaults to what :func:`find_stride` finds in all.
        **kwargs: Other arguments of :class:`TubeEvaluator`.

    Returns:
        Evaluation: All figures.

    Raises:
        ValueError: If a score or a box is not a finite number.
    """
    evaluator = TubeEvaluator(truth, stride=stride, **kwargs)
    if stride is None and evaluator.video_iou_thrs:
        gap = evaluator.rules.gap(tubelets.boxes.shape[1])
        evaluator.stride = find_stride(tubelets.video, tubelets.start, gap)
    for video, found in tubelets_by_video(tubelets, len(truth.videos)):
        evaluator.add(video, found)
    return evaluator.result()
