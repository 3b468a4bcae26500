"""Hard-aware sampling (section 3.4)."""
import pytest
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


def test_every_ground_truth_has_a_positive():
    """Those of the second and third have the lowest scores of the pool: by score alone they would hardly be drawn."""
    scores = [1.] * 20 + [.0, .01] + [.5] * 10
    for seed in range(50):
        result = sample([1] * 20 + [2, 3] + [0] * 10, scores, num_gts=3, seed=seed)
        assert len(result.pos_inds) == 5 and len(result.neg_inds) == 10
        assert {20, 21} < set(result.pos_inds.tolist())
        assert set(result.pos_assigned_gt_inds.tolist()) == {0, 1, 2}


def test_the_own_positive_is_the_one_with_the_highest_overlap():
    """Overlaps rise with the index: 3 is the own one of the first ground truth, 7 of the second."""
    for seed in range(20):
        result = sample([1, 1, 1, 1, 2, 2, 2, 2], [1.] * 3 + [.0] + [1.] * 3 + [.0], num_gts=2, seed=seed, num_pos=2)
        assert result.pos_inds.tolist() == [3, 7]


def test_positives_beyond_the_own_ones_are_drawn_in_proportion_to_their_score():
    """Of candidates 0, 1 and 2 the last is the ground truth's own; one of the two others is drawn besides."""
    drawn = torch.zeros(3)
    for seed in range(400):
        drawn[sample([1, 1, 1], [.3, .1, .0], seed=seed, num_pos=2).pos_inds] += 1
    assert torch.allclose(drawn / 400, torch.tensor([.75, .25, 1.]), atol=.07)


def test_more_actors_than_draws_take_turns():
    """One positive each for nine actors, five draws: none is drawn twice or left out for good, high scores lead."""
    scores = [.9] + [.1] * 8
    drawn = torch.zeros(9)
    for seed in range(200):
        result = sample([1, 2, 3, 4, 5, 6, 7, 8, 9], scores, num_gts=9, seed=seed)
        assert len(set(result.pos_assigned_gt_inds.tolist())) == 5
        drawn[result.pos_inds] += 1
    assert drawn[0] > 180 and drawn.min() > 60


def test_more_actors_than_draws_leave_nothing_to_the_rest_of_the_pool():
    for seed in range(20):
        result = sample([1, 1, 1, 1, 2, 3], [1.] * 4 + [.0] * 2, num_gts=3, seed=seed, num_pos=3)
        assert result.pos_inds.tolist() == [3, 4, 5]


def test_ground_truths_that_nothing_was_assigned_to():
    result = sample([3, 3, 0, 0], num_gts=4)
    assert result.pos_inds.tolist() == [0, 1] and result.pos_assigned_gt_inds.tolist() == [2, 2]


@pytest.mark.parametrize('shape', [(4, ), (3, 4)], ids=['boxes', 'tubes'])
def test_forced_candidate_of_the_assigner_is_drawn(shape):
    """A small actor whose best candidate is far below tau, beside one with many good candidates."""
    large, small = torch.tensor([0., 0., 100., 100.]), torch.tensor([0., 0., 20., 20.])
    near = large + torch.arange(12.)[:, None] * torch.tensor([0., 0., 1., 1.])
    loose = torch.tensor([[0., 0., 50., 50.]])
    priors, boxes = torch.cat([near, loose]), torch.stack([large, small])
    if len(shape) == 2:
        priors, boxes = (item[:, None].repeat(1, 3, 1) for item in (priors, boxes))
    candidates = InstanceData(priors=priors)
    gt = InstanceData(bboxes=boxes, labels=torch.tensor([1, 2]))
    assigned = TASK_UTILS.build(dict(type='TubeAssigner', pos_iou_thr=.5)).assign(candidates, gt)
    sampler = TASK_UTILS.build(dict(type='HardAwareSampler'))
    for seed in range(20):
        torch.manual_seed(seed)
        result = sampler.sample(assigned, candidates, gt)
        assert 12 in result.pos_inds and len(result.pos_inds) == 5
        assert set(result.pos_assigned_gt_inds.tolist()) == {0, 1}


def test_works_on_the_result_of_an_assigner_of_mmdetection():
    with DefaultScope.overwrite_default_scope('mmdet'):
        assigner = TASK_UTILS.build(dict(type='MaxIoUAssigner', pos_iou_thr=.5, neg_iou_thr=.5, min_pos_iou=0.))
    boxes = torch.tensor([[0., 0., 100., 100.], [200., 0., 220., 20.]])
    near = boxes[:1] + torch.arange(12.)[:, None] * torch.tensor([0., 0., 1., 1.])
    candidates = InstanceData(priors=torch.cat([near, torch.tensor([[200., 0., 250., 50.]])]))
    gt = InstanceData(bboxes=boxes, labels=torch.tensor([1, 2]))
    sampler = TASK_UTILS.build(dict(type='HardAwareSampler', num_pos=2))
    for seed in range(10):
        torch.manual_seed(seed)
        assert sampler.sample(assigner.assign(candidates, gt), candidates, gt).pos_inds.tolist() == [0, 12]


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
