"""Coder between tubes and deltas."""
from typing import Any, Dict, Optional, Sequence, Tuple

from mmaction.registry import TASK_UTILS
from mmdet.models.task_modules.coders import BaseBBoxCoder
from mmdet.registry import TASK_UTILS as MMDET_TASK_UTILS
from mmdet.structures.bbox import get_box_tensor
from torch import Tensor

from mmstep.structures import clip_tubes, decode_tubes, encode_tubes


@MMDET_TASK_UTILS.register_module()
@TASK_UTILS.register_module()
class TubeDeltaCoder(BaseBBoxCoder):
    """Encodes tubes, or plain boxes, against proposals frame by frame.

    Follows MMDetection's coder interface, so it also serves a Cascade R-CNN.

    Args:
        target_means (Sequence[float]): Subtracted from the deltas.
        target_stds (Sequence[float]): The deltas are divided by them.
        legacy (bool): Count widths as x2 - x1 + 1, as the released weights of STEP do. Defaults to False.
        clip_border (bool): Clip decoded boxes to ``max_shape`` where it is given. Defaults to True.
        use_box_type (bool): Only False is of use with tubes.
    """

    def __init__(self,
                 target_means: Sequence[float] = (0., 0., 0., 0.),
                 target_stds: Sequence[float] = (1., 1., 1., 1.),
                 legacy: bool = False,
                 clip_border: bool = True,
                 use_box_type: bool = False) -> None:
        super().__init__(use_box_type=use_box_type)
        self.coding: Dict[str, Any] = dict(means=target_means, stds=target_stds, legacy=legacy)
        self.clip_border = clip_border

    def encode(self, bboxes: Tensor, gt_bboxes: Tensor) -> Tensor:
        """Deltas from ``bboxes`` to ``gt_bboxes``.

        Args:
            bboxes (Tensor): Proposals in pixels, shape (..., 4).
            gt_bboxes (Tensor): Targets in pixels, same shape.

        Returns:
            Tensor: Deltas, same shape.
        """
        return encode_tubes(get_box_tensor(bboxes), get_box_tensor(gt_bboxes), **self.coding)

    def decode(self, bboxes: Tensor, pred_bboxes: Tensor, max_shape: Optional[Tuple[int, int]] = None) -> Tensor:
        """Boxes from proposals and deltas.

        Args:
            bboxes (Tensor): Proposals in pixels, shape (..., 4).
            pred_bboxes (Tensor): Deltas, shape (..., 4) or (..., 4 * C).
            max_shape (tuple[int, int], optional): Height and width to clip to.

        Returns:
            Tensor: Boxes in pixels, the shape of ``pred_bboxes``.
        """
        boxes = decode_tubes(get_box_tensor(bboxes), pred_bboxes, **self.coding)
        if max_shape is None or not self.clip_border:
            return boxes
        return clip_tubes(boxes.reshape(-1, 4), max_shape[:2]).reshape(boxes.shape)
