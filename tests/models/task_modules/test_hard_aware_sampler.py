"""Hard-aware sampling."""
import torch
from mmdet.models.task_modules.assigners import AssignResult
from mmdet.registry import MODELS, TASK_UTILS
from mmengine.config import ConfigDict
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData


def sample(gt_inds, scores=None, num_gts=1, seed=0, **kwargs):
    torch.manual_seed(seed)
    n = len(gt_inds)
    gt_inds = torch.tensor(gt_inds)
    result = AssignResult(num_gts, gt_inds, torch.linspace(0, 1, n), torch.zeros(n, dtype=torch.long))
    candidates = InstanceData(priors=torch.rand(n, 3, 4))
    if scores is not None:
        candidates.scores = torch.tensor(scores)
    gt = InstanceData(bboxes=torch.rand(num_gts, 3, 4), labels=torch.ones(num_gts, dtype=torch.long))
    sampler = TASK_UTILS.build(dict(type='HardAwareSampler', **kwargs))
    return sampler.sample(result, candidates, gt)


def test_counts():
    result = sample([1] * 8 + [0] * 30)
    assert len(result.pos_inds) == 5 and len(result.neg_inds) == 10
    result = sample([1] * 2 + [0] * 30)
    assert len(result.pos_inds) == 2 and len(result.neg_inds) == 4
    result = sample([0] * 30, num_gts=0)
    assert len(result.pos_inds) == 0 and len(result.neg_inds) == 2
    result = sample([1, 1])
    assert len(result.pos_inds) == 2 and len(result.neg_inds) == 0


def test_none_at_all():
    result = sample([1] * 3 + [0] * 30, neg_pos_ratio=0)
    assert len(result.pos_inds) == 3 and len(result.neg_inds) == 0
    # Half a negative for the only positive rounds down.
    assert len(sample([1] + [0] * 30, neg_pos_ratio=.5).neg_inds) == 0


def test_harder_negatives_are_drawn_in_proportion_to_their_score():
    scores = [1.] + [.6, .3, .1]
    drawn = torch.zeros(4)
    for seed in range(400):
        drawn[sample([1, 0, 0, 0], scores, seed=seed, neg_pos_ratio=1).neg_inds] += 1
    assert torch.allclose(drawn / 400, torch.tensor([0, .6, .3, .1]), atol=0.07)


def test_without_scores_the_overlap_counts():
    # Overlaps rise with the index, so the last negative is drawn most.
    drawn = [sample([1] + [0] * 9, seed=s, neg_pos_ratio=1).neg_inds.item() for s in range(200)]
    assert sum(i >= 5 for i in drawn) > 120 and 0 not in drawn


def test_zero_scores_can_be_drawn():
    assert len(sample([0] * 5, [0.] * 5, num_gts=0, num_pos=1).neg_inds) == 2


def test_seeded():
    args = ([1] * 9 + [0] * 40, )
    first, again, other = sample(*args), sample(*args), sample(*args, seed=1)
    assert torch.equal(first.neg_inds, again.neg_inds)
    assert not torch.equal(first.neg_inds, other.neg_inds)


def test_ground_truth_as_proposals():
    result = sample([0] * 6, num_gts=1, add_gt_as_proposals=True)
    assert result.pos_inds.tolist() == [0] and result.pos_is_gt.tolist() == [1]
    assert result.pos_assigned_gt_inds.tolist() == [0]


def test_serves_the_heads_of_mmdetection():
    """They hand themselves to their sampler."""
    rcnn = ConfigDict(
        assigner=dict(type='TubeAssigner', pos_iou_thr=.5), sampler=dict(type='HardAwareSampler', num_pos=7))
    cfg = dict(
        type='StandardRoIHead',
        bbox_roi_extractor=dict(
            type='SingleRoIExtractor',
            roi_layer=dict(type='RoIAlign', output_size=2),
            out_channels=4,
            featmap_strides=[16]),
        bbox_head=dict(
            type='Shared2FCBBoxHead',
            in_channels=4,
            fc_out_channels=8,
            roi_feat_size=2,
            num_classes=3,
            bbox_coder=dict(type='TubeDeltaCoder')),
        train_cfg=rcnn)
    with DefaultScope.overwrite_default_scope('mmdet'):
        head = MODELS.build(cfg)
    assert head.bbox_sampler.num == 21 and type(head.bbox_assigner).__name__ == 'TubeAssigner'
    assert type(head.bbox_head.bbox_coder).__name__ == 'TubeDeltaCoder'
