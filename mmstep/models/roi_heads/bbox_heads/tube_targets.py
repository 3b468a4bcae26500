"""Targets of the sampled tubes of a step."""
from typing import List, NamedTuple

import torch
from mmdet.models.task_modules.samplers import SamplingResult
from mmengine.structures import InstanceData
from torch import Tensor


class TubeTargets(NamedTuple):
    """What the sampled tubes of a batch should come to.

    Attributes:
        is_pos (Tensor): Whether a sample is positive, bool, shape (N,).
        labels (Tensor): Labels of the assigned ground truth, shape (N, ...); meaningless where ``is_pos`` is false.
        boxes (Tensor): Boxes of the assigned ground truth in the whole window, in pixels, shape (N, T, 4).
        valid (Tensor): Which of them are annotated and belong to a positive, bool, shape (N, T).
    """
    is_pos: Tensor
    labels: Tensor
    boxes: Tensor
    valid: Tensor

    def frames(self, start: int, stop: int) -> 'TubeTargets':
        """The same targets on the feature frames from start to stop."""
        return self._replace(boxes=self.boxes[:, start:stop], valid=self.valid[:, start:stop])


def build_tube_targets(sampling_results: List[SamplingResult], gt_tubes: List[InstanceData]) -> TubeTargets:
    """Looks up the ground truth of the sampled tubes.

    Args:
        sampling_results (list[SamplingResult]): One per window. The samples of a window are its positives, then its
            negatives.
        gt_tubes (list[InstanceData]): ``bboxes`` (G, T, 4), ``valid`` (G, T) and ``labels`` of each window.

    Returns:
        TubeTargets: The samples of all windows in a row.
    """
    parts, signs, offset = [], [], 0
    for result, gt in zip(sampling_results, gt_tubes):
        num_neg = len(result.neg_inds)
        pos_gt_inds = result.pos_assigned_gt_inds + offset
        parts += [pos_gt_inds, pos_gt_inds.new_zeros(num_neg)]
        signs += [torch.ones_like(pos_gt_inds, dtype=torch.bool), pos_gt_inds.new_zeros(num_neg, dtype=torch.bool)]
        offset += len(gt)
    gt_inds, is_pos = torch.cat(parts), torch.cat(signs)
    boxes = torch.cat([gt.bboxes for gt in gt_tubes])
    valid = torch.cat([gt.valid for gt in gt_tubes])
    labels = torch.cat([gt.labels for gt in gt_tubes])
    if offset == 0:
        # One entry to look up, so that a batch without ground truth is no special case further on.
        boxes = boxes.new_zeros(1, *boxes.shape[1:])
        valid = valid.new_zeros(1, *valid.shape[1:])
        labels = labels.new_zeros(1, *labels.shape[1:])
    return TubeTargets(
        is_pos=is_pos, labels=labels[gt_inds], boxes=boxes[gt_inds], valid=valid[gt_inds] & is_pos[:, None])
