"""The rules by which the community links tubelets and scores tubes.

They are those of the evaluation codes of ACT (Kalogeiton et al., "Action Tubelet Detector for Spatio-Temporal Action
Localization", ICCV 2017), of MOC (Li et al., "Actions as Moving Points", ECCV 2020) and of MultiSports (Li et al.,
"MultiSports: A Multi-Person Video Dataset of Spatio-Temporally Localized Sports Actions", ICCV 2021) as MMAction2 has
it, peculiarities included, so that figures compare. ``docs/evaluation.rst`` has them side by side.
"""
import dataclasses
from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple, Union

import numpy as np
from mmengine.config import ConfigDict


@dataclass(frozen=True)
class EvaluationRules:
    """Rules of linking and scoring.

    Attributes:
        soft_nms (bool): What overlaps a better one is not removed; its score is multiplied by 1 - IoU, once. For
            tubelets, as in MOC's code, by 1 minus the *sum* of the IoU of their K boxes, which makes it negative.
        single_precision (bool): Boxes and scores of frames are rounded to float32, as MOC's code does; an IoU may
            pass a threshold by it.
        frame_nms_thr (float): IoU over which boxes of a frame and class suppress each other before frame-mAP.
        tubelet_nms_thr (float): Mean IoU over which tubelets of a start frame and class do, before linking.
        tubelets_kept (int): Tubelets of a start frame and class that are linked, the best ones.
        link_iou (float): A tubelet may continue a link if their mean IoU in common frames is at least this.
        max_gap (int): A link ends if its last tubelet began at least so many frames ago and no other continues it; 0
            stands for K. At least the stride of the tubelets, below which nothing could be linked.
        min_tube_score (float): Tubes with a lower mean score are dropped.
        min_tube_length (int): Tubes of fewer frames are dropped.
        tube_nms_thr (float): Spatio-temporal IoU over which tubes of a video and class suppress each other before
            video-mAP.
        plus_one (bool): x2 and y2 belong to the box, so that its width is x2 - x1 + 1; or it is x2 - x1.
        tubelet_nms_plus_one (bool, optional): The same in the NMS of tubelets alone. Defaults to ``plus_one``.
        temporal_plus_one (bool): The temporal IoU of tubes counts frames; otherwise it is that of the times from the
            first to the last frame, which are one shorter.
        second_choice (bool): A detection whose best annotation has been matched already may take the next best one;
            otherwise it is a false positive.
        best_class_only (bool): A tubelet with a score for each class counts for its best class alone.
        equal_link_scores (bool): Linking disregards the scores: each detection counts 1. MMAction2's MultiSports
            code gives all detections the score of the very last one, which ranks them alike.
        link_ties (str): Which of the tubelets of a start frame goes first in NMS and linking where scores tie: by
            'content', whatever the order in which they come, or the 'last' one that comes.
        average_precision (str): 'trapezoid': area under the straight lines between the points of precision and
            recall; 'voc': under their envelope.
        excluded_classes (tuple[str]): Names of annotated classes that are not scored.
        mean_ranges (tuple[str]): Ranges of thresholds, 'first:step:last', over which the mean of video-mAP is taken.
    """
    soft_nms: bool = False
    single_precision: bool = False
    frame_nms_thr: float = 0.3
    tubelet_nms_thr: float = 0.3
    tubelets_kept: int = 10
    link_iou: float = 0.2
    max_gap: int = 5
    min_tube_score: float = 0.01
    min_tube_length: int = 15
    tube_nms_thr: float = 0.3
    plus_one: bool = True
    tubelet_nms_plus_one: Optional[bool] = None
    temporal_plus_one: bool = True
    second_choice: bool = True
    best_class_only: bool = False
    equal_link_scores: bool = False
    link_ties: str = 'content'
    average_precision: str = 'trapezoid'
    excluded_classes: Tuple[str, ...] = ()
    mean_ranges: Tuple[str, ...] = ('0.5:0.05:0.95', )

    def __post_init__(self) -> None:
        if self.average_precision not in ('trapezoid', 'voc'):
            raise ValueError(f"average_precision={self.average_precision!r} is unknown; choose 'trapezoid' or 'voc'")
        if self.link_ties not in ('content', 'last'):
            raise ValueError(f"link_ties={self.link_ties!r} is unknown; choose 'content' or 'last'")
        if self.tubelets_kept < 1 or self.max_gap < 0 or self.min_tube_length < 1:
            raise ValueError(f'tubelets_kept and min_tube_length must be at least 1, max_gap at least 0: {self}')

    def gap(self, clip_len: int) -> int:
        """How old the last tubelet of a path gets before the path ends.

        Args:
            clip_len (int): Frames K of a tubelet.

        Returns:
            int: Frames.
        """
        return self.max_gap or clip_len

    @property
    def nms_plus_one(self) -> bool:
        """``plus_one`` in the NMS of tubelets."""
        return self.plus_one if self.tubelet_nms_plus_one is None else self.tubelet_nms_plus_one

    def is_excluded(self, labels: Sequence[str]) -> np.ndarray:
        """Which classes are not scored though they may be annotated.

        Args:
            labels (Sequence[str]): Names of the L classes.

        Returns:
            np.ndarray: (L,) bool.
        """
        return np.isin(np.array(labels, dtype=str), self.excluded_classes)

    def thresholds_of_means(self) -> List[Tuple[str, List[float]]]:
        """The thresholds over which means of video-mAP are taken.

        Returns:
            list[tuple[str, list[float]]]: Name 'first:last' and thresholds of each range.
        """
        ranges = []
        for text in self.mean_ranges:
            first, step, last = (float(value) for value in text.split(':'))
            count = round((last - first) / step) + 1
            ranges.append((f'{first:g}:{last:g}', np.linspace(first, last, count).round(4).tolist()))
        return ranges


RULES = dict(
    act=EvaluationRules(),
    moc=EvaluationRules(
        soft_nms=True,
        single_precision=True,
        frame_nms_thr=0.6,
        tubelet_nms_thr=0.6,
        link_iou=0.5,
        max_gap=0,
        min_tube_score=0.005),
    multisports=EvaluationRules(
        soft_nms=True,
        frame_nms_thr=1.,  # detections of single frames undergo no NMS
        tubelet_nms_thr=0.6,
        link_iou=0.5,
        max_gap=0,
        min_tube_score=0.005,
        tube_nms_thr=1.,  # nor do tubes
        plus_one=False,
        tubelet_nms_plus_one=True,
        temporal_plus_one=False,
        second_choice=False,
        best_class_only=True,
        equal_link_scores=True,
        link_ties='last',
        average_precision='voc',
        excluded_classes=('aerobic kick jump', 'aerobic off axis jump', 'aerobic butterfly jump',
                          'aerobic balance turn', 'basketball save', 'basketball jump ball'),
        mean_ranges=('0.05:0.05:0.45', '0.1:0.1:0.9', '0.5:0.05:0.95')))

Rules = Union[str, dict, EvaluationRules]


def get_rules(rules: Rules = 'act') -> EvaluationRules:
    """Looks up rules.

    Args:
        rules (str | dict | EvaluationRules): 'act', 'moc', 'multisports', or a dict of ``type`` (one of
            these) and what differs from it, for instance ``dict(type='act', min_tube_length=6)``.

    Returns:
        EvaluationRules: The rules.

    Raises:
        ValueError: If the name or a setting is unknown.
    """
    if isinstance(rules, EvaluationRules):
        return rules
    changes = dict(rules) if isinstance(rules, (dict, ConfigDict)) else dict(type=rules)
    name = changes.pop('type', 'act')
    if name not in RULES:
        raise ValueError(f'evaluation rules {name!r} are unknown; choose {", ".join(RULES)}')
    fields = [field.name for field in dataclasses.fields(EvaluationRules)]
    unknown = sorted(set(changes) - set(fields))
    if unknown:
        raise ValueError(f'evaluation rules have no {", ".join(unknown)}; they have {", ".join(fields)}')
    return dataclasses.replace(RULES[name], **changes)
