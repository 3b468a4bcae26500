"""Initial tubes that are trained."""
import torch
from helpers.model_cases import build_detector, inputs, window
from mmaction.registry import TASK_UTILS

START = dict(type='TubeGridGenerator', scales=(1, 2), overlaps=(0, 0.5))
LEARNED = dict(type='LearnedTubes', start=START)
CPU = torch.device('cpu')


def test_they_start_as_the_grid():
    learned, grid = TASK_UTILS.build(LEARNED), TASK_UTILS.build(START)
    assert learned.num_tubes == grid.num_tubes == 10
    for size in ((100, 200), (64, 64)):
        made, wanted = learned(2, 3, size, CPU), grid(2, 3, size, CPU)
        assert all(torch.equal(a, b) for a, b in zip(made, wanted)) and len(made) == 2
        tubes, windows = learned.for_batch(2, 3, size, CPU)
        assert torch.equal(tubes, torch.cat(wanted)) and windows.tolist() == [0] * 10 + [1] * 10


def test_boxes_that_left_the_frame_or_vanished_are_mended():
    learned = TASK_UTILS.build(LEARNED)
    with torch.no_grad():
        learned.boxes[:3] = torch.tensor([[-.5, .2, .5, 1.5], [.4, .4, .4, .4], [.6, .1, .5, .9]])
        tubes, = learned(1, 1, (100, 100), CPU)
    assert tubes[:3, 0].tolist() == [[0, 20, 50, 100], [0, 0, 100, 100], [0, 0, 100, 100]]


def test_training_moves_them_towards_the_people():
    torch.manual_seed(0)
    model = build_detector(prior_generator=LEARNED)
    boxes = model.roi_head.prior_generator.boxes
    assert 'roi_head.prior_generator.boxes' in dict(model.named_parameters())
    sum(model.loss(inputs(2), [window(), window()]).values()).backward()
    assert boxes.grad.shape == (10, 4) and boxes.grad.abs().sum() > 0
    weights = model.state_dict()
    with torch.no_grad():
        boxes += 0.01
    model.load_state_dict(weights)
    assert len(model.eval().predict(inputs(1), [window()])) == 1
