"""Initial tubes."""
import pytest
import torch
from mmaction.registry import TASK_UTILS
from mmaction.structures import ActionDataSample
from mmengine.structures import InstanceData

CPU = torch.device('cpu')


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
