"""Leaving hopeless tubes behind between two steps."""
from typing import Tuple

import torch
from mmcv.ops import batched_nms
from torch import Tensor

from .step_records import StepOutput


def surviving_tubes(scores: Tensor,
                    tubes: Tensor,
                    batch_inds: Tensor,
                    num_windows: int,
                    score_thr: float = 0.,
                    nms: float = 1.) -> Tensor:
    """Which tubes of a step are worth another step.

    A tube is left behind if its best class score is not over the threshold, or if its key frame's box overlaps that of
    a better tube of its window. The best tube of a window always goes on.

    Args:
        scores (Tensor): Probabilities of the action classes, shape (N, C).
        tubes (Tensor): Boxes in pixels, shape (N, T, 4).
        batch_inds (Tensor): The window in the batch of each tube, shape (N,).
        num_windows (int): Windows of the batch.
        score_thr (float): Best class scores have to be higher than this. Defaults to 0.
        nms (float): IoU over which the lower of two tubes is left behind. Defaults to 1, none.

    Returns:
        Tensor: Indices of the others, ascending, shape (n,).
    """
    if len(tubes) == 0:  # none of a person detector, say
        return batch_inds
    best = scores.amax(dim=1)
    highest = best.new_zeros(num_windows).scatter_reduce(0, batch_inds, best, 'amax')
    alive = (best > score_thr) | (best >= highest[batch_inds])
    boxes = tubes[:, tubes.shape[1] // 2]
    kept = batched_nms(boxes, best, batch_inds, dict(type='nms', iou_threshold=nms))[1]
    unsuppressed = torch.zeros_like(alive)
    unsuppressed[kept] = True
    return (alive & unsuppressed).nonzero().squeeze(1)


def prune_tubes(output: StepOutput, batch_inds: Tensor, num_windows: int, **kwargs) -> Tuple[StepOutput, Tensor]:
    """Leaves hopeless tubes behind.

    Args:
        output (StepOutput): What a step put out.
        batch_inds (Tensor): The window in the batch of each tube, shape (N,).
        num_windows (int): Windows of the batch.
        kwargs: ``score_thr`` and ``nms`` of :func:`surviving_tubes`.

    Returns:
        tuple[StepOutput, Tensor]: Both of the other tubes.
    """
    kept = surviving_tubes(output.scores, output.tubes, batch_inds, num_windows, **kwargs)
    parts = {name: part[kept] for name, part in output._asdict().items() if part is not None}
    return StepOutput(**parts), batch_inds[kept]
