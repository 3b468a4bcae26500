"""Hard-aware sampling of candidates."""
from typing import Optional

import torch
from mmaction.registry import TASK_UTILS
from mmdet.models.task_modules.assigners import AssignResult
from mmdet.models.task_modules.samplers import BaseSampler, SamplingResult
from mmdet.registry import TASK_UTILS as MMDET_TASK_UTILS
from mmengine.structures import InstanceData
from torch import Tensor, nn


@MMDET_TASK_UTILS.register_module()
@TASK_UTILS.register_module()
class HardAwareSampler(BaseSampler):
    """Samples positives and negatives in proportion to their scores.

    Section 3.4: positives and negatives are roughly balanced, and a negative with a high score from the previous step,
    a hard one, is drawn more often: "the sampling probability proportional to the classification score. For the first
    step, the highest overlap with ground truth tubes is used as the score for sampling." Drawn without replacement,
    from torch's generator.

    "Each ground truth tube has at least one positive sample": of the positives assigned to a ground truth, the one
    with the highest overlap is its own and is drawn before the rest of the pool, whatever its score. If there are more
    ground truths than draws, their own positives are drawn among themselves by score, so that each has its chance.

    Follows MMDetection's sampler interface; in a two-stage detector the scores are the proposals' objectness.

    Args:
        num_pos (int): Positives per window at most. Defaults to 5.
        neg_pos_ratio (float): Negatives per positive at most; a window without positives counts as having one.
            Defaults to 2.
        add_gt_as_proposals (bool): Add ground truth to the candidates. Defaults to False.
        uniform (bool): Draw without regard to the scores, for comparison (section 4.2). Defaults to False.
        context (nn.Module, optional): The RoI head, which those of MMDetection hand to every sampler. Not used.
    """

    # Candidates of score 0 stay possible when there are too few others.
    _EPS = 1e-6

    def __init__(self,
                 num_pos: int = 5,
                 neg_pos_ratio: float = 2,
                 add_gt_as_proposals: bool = False,
                 uniform: bool = False,
                 context: Optional[nn.Module] = None) -> None:
        self.uniform = uniform
        num = round(num_pos * (1 + neg_pos_ratio))
        super().__init__(
            num=num,
            # +0.5, so that int(num * pos_fraction) == num_pos despite float error.
            pos_fraction=(num_pos + 0.5) / num,
            neg_pos_ub=neg_pos_ratio,
            add_gt_as_proposals=add_gt_as_proposals)

    def sample(self, assign_result: AssignResult, pred_instances: InstanceData, gt_instances: InstanceData,
               **kwargs) -> SamplingResult:
        """Draws positives and negatives.

        Args:
            assign_result (AssignResult): What :class:`TubeAssigner`, or any assigner of MMDetection, returns.
            pred_instances (InstanceData): ``priors``, shape (N, T, 4) or (N, 4), and optionally ``scores``, shape
                (N,), not negative; without them the highest overlap is the score.
            gt_instances (InstanceData): ``bboxes`` and ``labels``.

        Returns:
            SamplingResult: With ``pos_inds``, ``neg_inds``, ``pos_assigned_gt_inds`` and so on.
        """
        scores = pred_instances.get('scores', None)
        if scores is None:
            scores = assign_result.max_overlaps
        if self.uniform:
            scores = torch.ones_like(scores)
        if self.add_gt_as_proposals:
            # The base class puts the ground truth in front.
            num_gts = len(gt_instances.bboxes)
            scores = torch.cat([scores.new_ones(num_gts), scores])
        return super().sample(assign_result, pred_instances, gt_instances, sampling_scores=scores, **kwargs)

    def _sample_pos(self, assign_result: AssignResult, num_expected: int, sampling_scores: Tensor, **kwargs) -> Tensor:
        """Draws at most ``num_expected`` of the positives, each ground truth's own before the rest."""
        own = self._own_positives(assign_result)
        first = self._draw(own, sampling_scores, num_expected)
        rest = (assign_result.gt_inds > 0) & ~own
        return torch.cat([first, self._draw(rest, sampling_scores, num_expected - len(first))])

    @staticmethod
    def _own_positives(assign_result: AssignResult) -> Tensor:
        """Mask (N,) of the positive with the highest overlap of each ground truth.

        Under :class:`TubeAssigner` that is the candidate which the ground truth took first; it needs no word from the
        assigner, so that any of MMDetection will do.
        """
        gt_inds, num_gts = assign_result.gt_inds, assign_result.num_gts
        own = torch.zeros_like(gt_inds, dtype=torch.bool)
        if num_gts == 0 or len(gt_inds) == 0:
            return own
        assigned = gt_inds[:, None] == torch.arange(1, num_gts + 1, device=gt_inds.device)
        overlap, best = torch.where(assigned, assign_result.max_overlaps[:, None], -1.).max(dim=0)
        own[best[overlap >= 0]] = True
        return own

    def _sample_neg(self, assign_result: AssignResult, num_expected: int, sampling_scores: Tensor, **kwargs) -> Tensor:
        """Draws at most ``num_expected`` of the negatives."""
        return self._draw(assign_result.gt_inds == 0, sampling_scores, num_expected)

    def _draw(self, pool: Tensor, scores: Tensor, num: int) -> Tensor:
        """Indices of ``num`` members of ``pool``, drawn by score."""
        inds = pool.nonzero(as_tuple=False).squeeze(1)
        if inds.numel() <= num:
            return inds
        if num == 0:
            # torch.multinomial rejects num_samples=0.
            return inds[:0]
        weights = scores[inds].float().clamp(min=0) + self._EPS
        return inds[torch.multinomial(weights, num)]
