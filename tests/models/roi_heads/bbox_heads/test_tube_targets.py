"""Ground truth of the sampled tubes."""
import torch
from mmdet.models.task_modules.assigners import AssignResult
from mmdet.models.task_modules.samplers import SamplingResult
from mmengine.structures import InstanceData

from mmstep.models import TubeTargets, build_tube_targets


def test_targets_of_several_windows():

    def sampled(gt_inds, num_gts):
        gt_inds = torch.tensor(gt_inds)
        return SamplingResult(
            pos_inds=(gt_inds > 0).nonzero().squeeze(1),
            neg_inds=(gt_inds == 0).nonzero().squeeze(1),
            priors=torch.rand(len(gt_inds), 4),
            gt_bboxes=torch.rand(num_gts, 4),
            assign_result=AssignResult(num_gts, gt_inds, None, torch.zeros(len(gt_inds), 3)),
            gt_flags=torch.zeros(len(gt_inds)))

    def truth(*values):
        n = len(values)
        boxes = torch.tensor(values).view(n, 1, 1).expand(n, 9, 4)
        return InstanceData(bboxes=boxes, valid=torch.ones(n, 9, dtype=torch.bool), labels=torch.zeros(n, 3))

    results = [sampled([0, 2, 1], 2), sampled([0], 0), sampled([1, 0], 1)]
    got = build_tube_targets(results, [truth(1., 2.), truth(), truth(3.)])
    assert got.is_pos.tolist() == [True, True, False, False, True, False]
    assert got.boxes[got.is_pos][:, 0, 0].tolist() == [2, 1, 3]
    assert not got.valid[~got.is_pos].any() and got.valid[got.is_pos].all()
    empty = build_tube_targets([sampled([0], 0)], [truth()])
    assert empty.boxes.shape == (1, 9, 4) and not empty.is_pos.any()


def test_frames_of_the_targets():
    boxes = torch.arange(9.).view(1, 9, 1).expand(1, 9, 4)
    valid = torch.arange(9)[None] > 3
    part = TubeTargets(torch.tensor([True]), torch.tensor([1]), boxes, valid).frames(3, 6)
    assert part.boxes[0, :, 0].tolist() == [3, 4, 5] and part.valid.tolist() == [[False, True, True]]
    assert part.labels.tolist() == [1] and part.is_pos.tolist() == [True]
