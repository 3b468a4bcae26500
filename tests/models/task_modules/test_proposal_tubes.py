"""Initial tubes from a person detector, and from several sources."""
import pytest
import torch
from helpers.model_cases import build_detector, inputs, window
from mmaction.registry import TASK_UTILS
from mmaction.structures import ActionDataSample
from mmengine.structures import InstanceData

CPU = torch.device('cpu')
PROPOSALS = dict(type='ProposalTubes')
BOTH = dict(
    type='ChainedTubes',
    generators=[dict(type='TubeGridGenerator', scales=(1, 4 / 3, 2), overlaps=(0, 0, 1 / 2)), PROPOSALS])


def with_proposals(sample, boxes):
    sample.proposals = InstanceData(bboxes=torch.tensor(boxes).reshape(-1, 4))
    return sample


def samples(*boxes):
    return [with_proposals(ActionDataSample(), b) for b in boxes]


def test_boxes_are_replicated_over_the_frames():
    tubes, none = TASK_UTILS.build(PROPOSALS)(2, 3, (64, 64), CPU, samples([[1., 2., 30., 40.], [0., 0., 9., 9.]], []))
    assert tubes.shape == (2, 3, 4) and none.shape == (0, 3, 4)
    assert tubes[0].tolist() == [[1, 2, 30, 40]] * 3


def test_missing_proposals_are_named():
    for given in (None, [ActionDataSample()]):
        with pytest.raises(ValueError, match='proposal_file'):
            TASK_UTILS.build(PROPOSALS)(1, 3, (64, 64), CPU, given)


def test_chained_tubes_follow_each_other_window_by_window():
    first, second = TASK_UTILS.build(BOTH)(2, 3, (64, 64), CPU, samples([[1., 2., 30., 40.]], []))
    assert first.shape == (12, 3, 4) and second.shape == (11, 3, 4)
    assert first[11, 0].tolist() == [1, 2, 30, 40]
    assert torch.equal(first[:11], second)
    with pytest.raises(ValueError, match='at least one'):
        TASK_UTILS.build(dict(type='ChainedTubes', generators=[]))


@pytest.mark.parametrize(
    'boxes', [[[[4., 4., 30., 40.]], []], [[], []], [[[4., 4., 30., 40.]] * 3, [[0., 0., 9., 64.]]]],
    ids=['one_window_without', 'all_without', 'many'])
@pytest.mark.parametrize('prior', [PROPOSALS, BOTH], ids=['proposals', 'both'])
def test_detector_trains_and_detects(prior, boxes):
    model = build_detector(prior_generator=prior, context=True).train()
    batch = [with_proposals(window(2, seed=i), b) for i, b in enumerate(boxes)]
    losses = model(inputs(2), batch, mode='loss')
    total = sum(losses.values())
    total.backward()
    assert torch.isfinite(total) and 's3.loss_bbox' in losses
    heads = [p for n, p in model.named_parameters() if 'bbox_head' in n]
    assert all(p.grad is not None for p in heads)
    model.eval()
    with torch.no_grad():
        outs = model(inputs(2), batch, mode='tensor')
        results = model(inputs(2), batch, mode='predict')
    grid = 22 if prior is BOTH else 0
    assert [len(out.scores) for out in outs] == [grid + sum(map(len, boxes))] * 3
    assert len(results) == 2 and all('pred_instances_step1' in r for r in results)
