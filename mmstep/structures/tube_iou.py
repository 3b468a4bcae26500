"""Overlap of tubes."""
from typing import Optional

import torch
from mmdet.structures.bbox import bbox_overlaps
from torch import Tensor


def tube_iou(tubes: Tensor, targets: Tensor, valid: Optional[Tensor] = None) -> Tensor:
    """Mean IoU of the boxes of two sets of tubes over the valid frames.

    "We calculate the overlap of two tubelets by averaging the IoU of bounding boxes over K frames of the target clip"
    (section 3.4); where only some frames are annotated, the average runs over those.

    Args:
        tubes (Tensor): Boxes x1y1x2y2, shape (N, T, 4); plain boxes (N, 4) count as tubes of one frame.
        targets (Tensor): Shape (G, T, 4) or (G, 4).
        valid (Tensor, optional): Which frames of ``targets`` are annotated, bool, shape (G, T) or (G,). All by
            default.

    Returns:
        Tensor: Shape (N, G), in [0, 1]; 0 where a target has no valid frame.

    Examples:
        >>> a = torch.tensor([[[0., 0., 2., 2.], [0., 0., 2., 2.]]])
        >>> b = torch.tensor([[[0., 0., 2., 2.], [0., 0., 2., 1.]]])
        >>> tube_iou(a, b)
        tensor([[0.7500]])
    """
    if tubes.dim() == 2:
        tubes, targets = tubes[:, None], targets.reshape(-1, 1, 4)
    num_frames = tubes.shape[1]
    targets = targets.reshape(-1, num_frames, 4)
    if valid is None:
        valid = targets.new_ones(targets.shape[:2], dtype=torch.bool)
    valid = valid.reshape(-1, num_frames)
    # One batched call over the frames: (T, N, 4) x (T, G, 4) -> (T, N, G).
    iou = bbox_overlaps(tubes.transpose(0, 1), targets.transpose(0, 1))
    weight = valid.to(iou.dtype).t()[:, None]
    return (iou * weight).sum(0) / weight.sum(0).clamp(min=1)
