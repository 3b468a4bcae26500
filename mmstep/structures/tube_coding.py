"""Parameterised coordinates of tubes (Fast R-CNN deltas)."""
from math import log
from typing import Sequence

import torch
from mmdet.models.task_modules.coders.delta_xywh_bbox_coder import bbox2delta
from torch import Tensor

ZERO_MEANS = (0., 0., 0., 0.)
UNIT_STDS = (1., 1., 1., 1.)

# Factor by which a side may shrink or grow. The released weights know no limit; this one keeps float32 finite.
SIDE_LIMIT, LEGACY_SIDE_LIMIT = 16 / 1000, 1e-30


def _far_corner(boxes: Tensor, offset: float) -> Tensor:
    """Moves x2 and y2 by ``offset`` pixels."""
    return torch.cat([boxes[..., :2], boxes[..., 2:] + offset], dim=-1)


def encode_tubes(proposals: Tensor,
                 targets: Tensor,
                 means: Sequence[float] = ZERO_MEANS,
                 stds: Sequence[float] = UNIT_STDS,
                 legacy: bool = False) -> Tensor:
    """Deltas that turn proposals into targets, box by box (Eq. 3).

    "A scale-invariant center translation and a log-space height/width shift relative to the bounding box" (section
    3.2).

    Args:
        proposals (Tensor): Boxes x1y1x2y2 in pixels, shape (..., 4).
        targets (Tensor): Same shape.
        means (Sequence[float]): Subtracted from the four deltas.
        stds (Sequence[float]): The deltas are divided by them.
        legacy (bool): Count widths as x2 - x1 + 1, as the released weights do.

    Returns:
        Tensor: dx, dy, dw, dh, same shape.
    """
    if legacy:
        proposals, targets = _far_corner(proposals, 1), _far_corner(targets, 1)
    deltas = bbox2delta(proposals.reshape(-1, 4), targets.reshape(-1, 4), means, stds)
    return deltas.reshape(proposals.shape)


def decode_tubes(proposals: Tensor,
                 deltas: Tensor,
                 means: Sequence[float] = ZERO_MEANS,
                 stds: Sequence[float] = UNIT_STDS,
                 legacy: bool = False) -> Tensor:
    """Applies deltas to proposals; the inverse of :func:`encode_tubes`.

    Args:
        proposals (Tensor): Boxes x1y1x2y2 in pixels, shape (..., 4).
        deltas (Tensor): Shape (..., 4) or, with one box per class, (..., 4 * C).
        means (Sequence[float]): As in :func:`encode_tubes`.
        stds (Sequence[float]): As in :func:`encode_tubes`.
        legacy (bool): As in :func:`encode_tubes`. Without it a side grows or shrinks 62.5 times at most, as in
            MMDetection.

    Returns:
        Tensor: Boxes in pixels, the shape of ``deltas``; not clipped.
    """
    if legacy:
        proposals = _far_corner(proposals, 1)
    # As MMDetection's delta2bbox, which makes tensors of the means and stds: on a GPU each of them holds up the host.
    x1, y1, x2, y2 = proposals[..., None, :].unbind(-1)
    dx, dy, dw, dh = (part * std + mean
                      for part, std, mean in zip(deltas.unflatten(-1, (-1, 4)).unbind(-1), stds, means))
    limit = abs(log(LEGACY_SIDE_LIMIT if legacy else SIDE_LIMIT))
    width, height = x2 - x1, y2 - y1
    centre_x, centre_y = (x1 + x2) * 0.5 + width * dx, (y1 + y2) * 0.5 + height * dy
    half_x, half_y = width * dw.clamp(-limit, limit).exp() * 0.5, height * dh.clamp(-limit, limit).exp() * 0.5
    boxes = torch.stack([centre_x - half_x, centre_y - half_y, centre_x + half_x, centre_y + half_y], dim=-1)
    if legacy:
        boxes = _far_corner(boxes, -1)
    return boxes.reshape(deltas.shape)
