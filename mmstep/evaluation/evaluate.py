"""The whole evaluation of tubelets: frame-mAP, linking and video-mAP, video by video."""
from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence

import numpy as np

from mmstep.structures import TubeGroundTruth, Tubelets, tubelets_by_video
from .frame_map import FrameScorer
from .linking import find_stride, link_tubes
from .rules import Rules, get_rules
from .video_map import TubeScorer

COCO_THRS = tuple(np.linspace(0.5, 0.95, 10).round(2).tolist())  # video-mAP@0.5:0.95 is the mean over these

PerThreshold = Dict[float, Dict[str, Optional[float]]]


@dataclass
class Evaluation:
    """All figures, in [0, 1].

    Attributes:
        frame (dict): See :func:`frame_map`.
        video (dict): See :func:`video_map`; empty if nothing was linked.
        video_thrs (tuple[float]): The thresholds of video-mAP that were asked for.
    """
    frame: PerThreshold
    video: PerThreshold
    video_thrs: Sequence[float]

    def figures(self) -> Dict[str, float]:
        """The means and, of the first frame threshold, the classes' average precision, by name."""
        figures = {f'frame-mAP@{thr:g}': classes['mAP'] for thr, classes in self.frame.items()}
        if self.video:
            figures.update({f'video-mAP@{thr:g}': self.video[thr]['mAP'] for thr in self.video_thrs})
            figures['video-mAP@0.5:0.95'] = float(np.mean([self.video[thr]['mAP'] for thr in COCO_THRS]))
        classes = next(iter(self.frame.values()))
        figures.update({f'AP/{name}': ap for name, ap in classes.items() if name != 'mAP' and ap is not None})
        return figures

    @property
    def absent(self) -> List[str]:
        """Classes that are never annotated."""
        return [name for name, ap in next(iter(self.frame.values())).items() if ap is None]


class TubeEvaluator:
    """Scores video after video and keeps of each only scores and hits.

    Args:
        truth (TubeGroundTruth): Annotations.
        rules (str | dict | EvaluationRules): See :func:`get_rules`. Defaults to 'act'.
        frame_iou_thrs (Sequence[float]): Thresholds of frame-mAP, at least one. Defaults to (0.5, ).
        video_iou_thrs (Sequence[float]): Thresholds of video-mAP; without any nothing is linked. Defaults to (0.05,
            0.1, 0.2, 0.5).
        trim (dict, optional): Turns on temporal trimming, see :class:`OnlineLinker`.
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
        self._tubes = TubeScorer(truth, self.rules, sorted({*self.video_iou_thrs, *COCO_THRS}))

    def add(self, video: int, tubelets: Tubelets) -> None:
        """Scores the tubelets of a video.

        Args:
            video (int): Index of the video, each one once.
            tubelets (Tubelets): All of its tubelets.
        """
        self._frames.add(video, tubelets)
        if self.video_iou_thrs:
            tubes = link_tubes(tubelets, len(self.truth.labels), self.rules, self.stride, self.trim)
            self._tubes.add(video, tubes)

    def result(self) -> Evaluation:
        """All figures."""
        video = self._tubes.result() if self.video_iou_thrs else {}
        return Evaluation(self._frames.result(), video, self.video_iou_thrs)


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
    """
    evaluator = TubeEvaluator(truth, stride=stride, **kwargs)
    if stride is None and evaluator.video_iou_thrs:
        gap = evaluator.rules.gap(tubelets.boxes.shape[1])
        evaluator.stride = find_stride(tubelets.video, tubelets.start, gap)
    for video, found in tubelets_by_video(tubelets, len(truth.videos)):
        evaluator.add(video, found)
    return evaluator.result()
