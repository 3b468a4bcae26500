"""The rules by which the community links tubelets and scores tubes.

They are those of the evaluation codes of ACT (Kalogeiton et al., "Action Tubelet Detector for Spatio-Temporal Action
Localization", ICCV 2017) and of MOC (Li et al., "Actions as Moving Points", ECCV 2020), peculiarities included, so
that figures compare.
"""
import dataclasses
from dataclasses import dataclass
from typing import Union

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
        average_precision (str): 'trapezoid': area under the straight lines between the points of precision and
            recall; 'voc': under their envelope.
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
    average_precision: str = 'trapezoid'

    def __post_init__(self) -> None:
        if self.average_precision not in ('trapezoid', 'voc'):
            raise ValueError(f"average_precision={self.average_precision!r} is unknown; choose 'trapezoid' or 'voc'")
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


RULES = dict(
    act=EvaluationRules(),
    moc=EvaluationRules(
        soft_nms=True,
        single_precision=True,
        frame_nms_thr=0.6,
        tubelet_nms_thr=0.6,
        link_iou=0.5,
        max_gap=0,
        min_tube_score=0.005))

Rules = Union[str, dict, EvaluationRules]


def get_rules(rules: Rules = 'act') -> EvaluationRules:
    """Looks up rules.

    Args:
        rules (str | dict | EvaluationRules): 'act', 'moc', or a dict of ``type`` (one of these) and what differs from
            it, for instance ``dict(type='act', min_tube_length=6)``.

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
        raise ValueError(f'evaluation rules {name!r} are unknown; choose {" or ".join(RULES)}')
    fields = [field.name for field in dataclasses.fields(EvaluationRules)]
    unknown = sorted(set(changes) - set(fields))
    if unknown:
        raise ValueError(f'evaluation rules have no {", ".join(unknown)}; they have {", ".join(fields)}')
    return dataclasses.replace(RULES[name], **changes)
