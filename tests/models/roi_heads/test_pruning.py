"""Leaving hopeless tubes behind between two steps."""
import torch
from helpers.model_cases import build_detector, inputs
from mmaction.structures import ActionDataSample

from mmstep.models.roi_heads.pruning import surviving_tubes


def tubes_of(*boxes):
    # Only the middle frame's boxes count.
    return torch.tensor(boxes, dtype=torch.float)[:, None] + torch.tensor([900., 0., 900.])[:, None]


# IoU of the first two boxes of the first window: 80 / 120 = 2/3.
TUBES = tubes_of([0, 0, 10, 10], [2, 0, 12, 10], [50, 50, 60, 60], [50, 50, 60, 60], [0, 0, 10, 10])
SCORES = torch.tensor([[.1, .6], [.7, .0], [.04, .05], [.03, .02], [.01, .02]])
WINDOWS = torch.tensor([0, 0, 0, 1, 1])


def test_weak_and_overlapping_tubes_are_left_behind():

    def survivors(**kwargs):
        return surviving_tubes(SCORES, TUBES, WINDOWS, 2, **kwargs).tolist()

    # The second window's tubes are all weak: its best one goes on.
    assert survivors(score_thr=.05) == [0, 1, 3]
    assert survivors(nms=.6) == [1, 2, 3, 4]
    assert survivors(nms=.7) == [0, 1, 2, 3, 4]
    assert survivors(score_thr=.05, nms=.6) == [1, 3]
    assert survivors() == [0, 1, 2, 3, 4]


def test_tubes_of_different_windows_do_not_meet():
    same = TUBES[:1].expand(3, -1, -1)
    assert surviving_tubes(SCORES[:3], same, torch.tensor([0, 1, 2]), 3, nms=.1).tolist() == [0, 1, 2]


def test_no_tubes():
    assert surviving_tubes(SCORES[:0], TUBES[:0], WINDOWS[:0], 2, .05, .7).tolist() == []


def predict(**prune):
    model = build_detector(
        test_cfg=dict(score_thr=0., nms=dict(type='nms', iou_threshold=1.), keep_steps=True, **prune))
    with torch.no_grad():
        for head in model.roi_head.bbox_head:
            head.fc_cls.weight.mul_(1e-3)  # no two scores of 1
        samples = model.eval()(inputs(2), [ActionDataSample(), ActionDataSample()], mode='predict')
    return [[getattr(sample, f'pred_instances_step{step}') for step in (1, 2, 3)] for sample in samples]


def test_pruning_that_leaves_nothing_behind_changes_nothing():
    for window, pruned in zip(predict(), predict(prune=dict(score_thr=0., nms=1.))):
        for step, other in zip(window, pruned):
            assert torch.equal(step.scores, other.scores) and torch.equal(step.tubes, other.tubes)


def test_what_goes_on_is_refined_as_before():
    for window, pruned in zip(predict(), predict(prune=dict(score_thr=1.))):
        assert torch.equal(window[0].scores, pruned[0].scores)  # nothing is pruned before the first step
        for step, other in zip(window[1:], pruned[1:]):
            # The best tube of the step before is alone now.
            assert len(step) > 1 and len(other) == 1
            distance = (step.tubes - other.tubes).abs().amax(dim=(1, 2))
            same = distance.argmin()
            assert distance[same] < 1e-3 and torch.allclose(step.scores[same], other.scores[0], atol=1e-5)
