"""Initial tubes: a grid, annotated tubes, boxes of a person detector, and several of them chained."""
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


def grid(**kwargs):
    return TASK_UTILS.build(dict(type='TubeGridGenerator', **kwargs))


def test_the_34_of_the_ava_model():
    tubes, = grid()(1, 3, (400, 400), CPU)
    assert tubes.shape == (34, 3, 4)
    assert torch.equal(tubes[:, 0], tubes[:, 2])
    assert tubes[0, 0].tolist() == [0, 0, 300, 300]  # side 3/4 in the corner
    assert tubes[4, 0].tolist() == [50, 50, 350, 350]  # the middle of 3 x 3
    assert tubes[9, 0].tolist() == [0, 0, 200, 200]
    assert tubes[33, 0].tolist() == [200, 200, 400, 400]
    assert torch.allclose(tubes[10, 0] - tubes[9, 0], torch.tensor([50., 0, 50, 0]))


def test_the_11_of_figure_2():
    tubes, = grid(scales=(1, 4 / 3, 2), overlaps=(0, 0, 1 / 2))(1, 1, (100, 200), CPU)
    assert tubes.shape == (11, 1, 4)
    assert tubes[0, 0].tolist() == [0, 0, 200, 100]
    assert tubes[1, 0].tolist() == [25, 12.5, 175, 87.5]
    assert tubes[6, 0].tolist() == [50, 25, 150, 75]


@pytest.mark.parametrize('scales, overlaps', [((1, 2), (0, )), ((), ()), ((.5, ), (0, )), ((2, ), (1, ))])
def test_wrong_settings_are_named(scales, overlaps):
    with pytest.raises(ValueError, match='scales'):
        grid(scales=scales, overlaps=overlaps)


def test_ground_truth_tubes_take_the_centre():
    boxes = torch.arange(2 * 9 * 4.).view(2, 9, 4)
    sample = ActionDataSample(gt_tubes=InstanceData(bboxes=boxes))
    generator = TASK_UTILS.build(dict(type='GroundTruthTubes'))
    tubes, = generator(1, 3, (400, 400), CPU, [sample])
    assert torch.equal(tubes, boxes[:, 3:6])
    with pytest.raises(ValueError, match='gt_tubes'):
        generator(1, 3, (400, 400), CPU, [ActionDataSample()])


def with_proposals(sample, boxes):
    sample.proposals = InstanceData(bboxes=torch.tensor(boxes).reshape(-1, 4))
    return sample


def samples(*boxes):
    return [with_proposals(ActionDataSample(), b) for b in boxes]


@pytest.mark.parametrize('generator', [dict(type='TubeGridGenerator'), BOTH], ids=['grid', 'both'])
def test_a_batch_is_the_windows_one_after_the_other(generator):
    generator = TASK_UTILS.build(generator)
    arguments = 2, 3, (64, 64), CPU, samples([[1., 2, 3, 4], [5, 6, 7, 8]], [[1., 2, 3, 4]])
    one, two = generator(*arguments)
    tubes, batch_inds = generator.for_batch(*arguments)
    assert torch.equal(tubes, torch.cat([one, two]))
    assert batch_inds.tolist() == [0] * len(one) + [1] * len(two)


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
