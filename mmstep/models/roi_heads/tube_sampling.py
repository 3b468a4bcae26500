"""Assigning and sampling the candidates of a step."""
from typing import List, Optional, Tuple

import torch
from mmaction.utils import InstanceList
from mmdet.models.task_modules.assigners import BaseAssigner
from mmdet.models.task_modules.samplers import BaseSampler, SamplingResult
from mmengine.structures import InstanceData
from torch import Tensor

from mmstep.structures import middle_frames


def sample_windows(assigner: BaseAssigner, sampler: BaseSampler, proposals: Tensor, hardness: Optional[Tensor],
                   batch_inds: Tensor, gt_tubes: InstanceList, clip_feats: int) -> Tuple[List[SamplingResult], Tensor]:
    """Assigns and samples in each window of a batch (section 3.4).

    Overlaps count on the centre clip alone: "averaging the IoU of bounding boxes over K frames of the target clip".

    Args:
        assigner (BaseAssigner): For instance :class:`TubeAssigner`.
        sampler (BaseSampler): For instance :class:`HardAwareSampler`.
        proposals (Tensor): Candidates in pixels, shape (N, T_s, 4), ordered by window.
        hardness (Tensor, optional): Best class score of the step before, shape (N,); None at the first step.
        batch_inds (Tensor): Index in the batch of each candidate, shape (N,).
        gt_tubes (list[InstanceData]): ``bboxes`` (G, T, 4), ``valid`` (G, T) and ``labels`` of each window.
        clip_feats (int): Feature frames of a clip.

    Returns:
        tuple[list[SamplingResult], Tensor]: The result of each window, and the indices of the samples in
        ``proposals``: each window's positives, then its negatives.
    """
    sizes = torch.bincount(batch_inds.cpu(), minlength=len(gt_tubes)).tolist()
    scores = [None] * len(sizes) if hardness is None else hardness.split(sizes)
    centre = middle_frames(proposals, clip_feats).split(sizes)
    results, sampled_inds, offset = [], [], 0
    for size, tubes, score, gt in zip(sizes, centre, scores, gt_tubes):
        candidates = InstanceData(priors=tubes)
        if score is not None:
            candidates.scores = score
        target = InstanceData(
            bboxes=middle_frames(gt.bboxes, clip_feats), valid=middle_frames(gt.valid, clip_feats), labels=gt.labels)
        result = sampler.sample(assigner.assign(candidates, target), candidates, target)
        results.append(result)
        sampled_inds += [result.pos_inds + offset, result.neg_inds + offset]
        offset += size
    return results, torch.cat(sampled_inds)
