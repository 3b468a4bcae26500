"""Assignment of ground-truth tubes to candidates."""
from typing import Optional

import torch
from mmaction.registry import TASK_UTILS
from mmdet.models.task_modules.assigners import AssignResult, BaseAssigner
from mmdet.registry import TASK_UTILS as MMDET_TASK_UTILS
from mmdet.structures.bbox import get_box_tensor
from mmengine.structures import InstanceData
from torch import Tensor

from mmstep.structures import tube_iou


@MMDET_TASK_UTILS.register_module()
@TASK_UTILS.register_module()
class TubeAssigner(BaseAssigner):
    """Assigns candidates to ground truth by the overlap of tubes.

    Section 3.4: "we first assign positive labels to the candidates with the highest overlap with ground truth. This is
    to ensure that each ground truth tube has at least one positive sample. After that, the proposals having an overlap
    higher than tau with any ground truth tube are added to the positive pool and the rest to the negative pool." Each
    ground truth takes one candidate of its own, in order of overlap; with more ground truths than candidates the least
    overlapping go without.

    Follows MMDetection's assigner interface and also takes plain boxes.

    Args:
        pos_iou_thr (float): The threshold tau, in [0, 1].
    """

    def __init__(self, pos_iou_thr: float) -> None:
        self.pos_iou_thr = pos_iou_thr

    def assign(self,
               pred_instances: InstanceData,
               gt_instances: InstanceData,
               gt_instances_ignore: Optional[InstanceData] = None,
               **kwargs) -> AssignResult:
        """Assigns each candidate to a ground truth or to the background.

        Args:
            pred_instances (InstanceData): ``priors``, shape (N, T, 4) or (N, 4), in pixels.
            gt_instances (InstanceData): ``bboxes``, shape (G, T, 4) or (G, 4), ``labels``, shape (G, ...), and, for
                tubes, optionally ``valid``, bool, shape (G, T).
            gt_instances_ignore (InstanceData, optional): Candidates that overlap one of its ``bboxes`` over the
                threshold, and no ground truth, are left out (gt_inds -1).

        Returns:
            AssignResult: ``gt_inds`` (N,): 1-based ground truth, 0 for background; ``max_overlaps`` (N,): highest
            overlap with any ground truth; ``labels`` (N, ...): label of the assigned ground truth, 0 for background.
        """
        priors = get_box_tensor(pred_instances.priors)
        gt_boxes = get_box_tensor(gt_instances.bboxes)
        labels = gt_instances.labels
        num_priors, num_gts = len(priors), len(gt_boxes)
        gt_inds = priors.new_zeros(num_priors, dtype=torch.long)
        if num_gts == 0 or num_priors == 0:
            return AssignResult(
                num_gts,
                gt_inds,
                priors.new_zeros(num_priors),
                labels=labels.new_zeros((num_priors, *labels.shape[1:])))

        overlaps = tube_iou(priors, gt_boxes, gt_instances.get('valid', None))
        max_overlaps, best_gt = overlaps.max(dim=1)
        gt_inds = torch.where(max_overlaps > self.pos_iou_thr, best_gt + 1, 0)
        gt_inds = self._match_each_gt(overlaps, gt_inds)
        if gt_instances_ignore is not None and len(gt_instances_ignore):
            ignored = tube_iou(priors, get_box_tensor(gt_instances_ignore.bboxes)).amax(1)
            left_out = (gt_inds == 0) & (ignored > self.pos_iou_thr)
            gt_inds = torch.where(left_out, -1, gt_inds)
        assigned = labels[(gt_inds - 1).clamp(min=0)]
        is_pos = (gt_inds > 0).view(-1, *[1] * (labels.dim() - 1))
        return AssignResult(num_gts, gt_inds, max_overlaps, torch.where(is_pos, assigned, 0))

    @staticmethod
    def _match_each_gt(overlaps: Tensor, gt_inds: Tensor) -> Tensor:
        """Gives each ground truth its best free candidate.

        The loop runs over ground truths (a handful) since each choice depends on the ones before; it never reads a
        value back from the device.
        """
        overlaps, gt_inds = overlaps.clone(), gt_inds.clone()
        num_priors, num_gts = overlaps.shape
        for _ in range(min(num_priors, num_gts)):
            value, flat = overlaps.flatten().max(dim=0)
            prior, gt = flat // num_gts, flat % num_gts
            # A ground truth that nothing overlaps has no box to learn from.
            gt_inds[prior] = torch.where(value > 0, gt + 1, gt_inds[prior])
            overlaps[prior] = -1
            overlaps[:, gt] = -1
        return gt_inds
