"""Assigning and sampling in the windows of a batch."""
import torch
from mmaction.registry import TASK_UTILS
from mmdet.models.task_modules.samplers import PseudoSampler
from mmengine.structures import InstanceData

from mmstep.models.roi_heads.tube_sampling import sample_windows

CLIP = 2
ASSIGNER = TASK_UTILS.build(dict(type='TubeAssigner', pos_iou_thr=.5))
A, B, C = [0., 0., 10., 10.], [20., 0., 30., 10.], [40., 40., 50., 50.]


def still(*boxes, length=6):
    return torch.tensor(boxes).reshape(-1, 1, 4).repeat(1, length, 1)


def truth(*boxes, valid=None, length=6):
    mask = torch.ones(len(boxes), length, dtype=torch.bool)
    if valid is not None:
        mask[:] = torch.tensor(valid, dtype=torch.bool)
    return InstanceData(bboxes=still(*boxes, length=length), valid=mask, labels=torch.arange(len(boxes)))


def test_rows_of_every_window_in_order():
    proposals = still(A, C, B, A, C)
    window = torch.tensor([0, 0, 0, 1, 1])
    results, rows = sample_windows(ASSIGNER, PseudoSampler(), proposals, None, window, [truth(B, A), truth()], CLIP)
    # Window 0: rows 0 (of A) and 2 (of B) are positive, then its negative 1; window 1 has negatives only.
    assert rows.tolist() == [0, 2, 1, 3, 4]
    assert results[0].pos_assigned_gt_inds.tolist() == [1, 0]
    assert len(results[1].pos_inds) == 0


def test_overlap_counts_on_the_centre_clip_alone():
    proposals = still(A)
    proposals[:, :2], proposals[:, 4:] = torch.tensor(C), torch.tensor(C)
    results, _ = sample_windows(ASSIGNER, PseudoSampler(), proposals, None, torch.tensor([0]), [truth(A)], CLIP)
    assert len(results[0].pos_inds) == 1


def test_actors_that_the_centre_clip_lacks_make_no_positive():
    gt = truth(A, valid=[1, 1, 0, 0, 1, 1])
    results, rows = sample_windows(ASSIGNER, PseudoSampler(), still(A, B), None, torch.tensor([0, 0]), [gt], CLIP)
    assert len(results[0].pos_inds) == 0 and rows.tolist() == [0, 1]


def test_hardness_of_each_window_reaches_its_sampler():
    """A negative with a score is drawn before those without."""
    sampler = TASK_UTILS.build(dict(type='HardAwareSampler', num_pos=1, neg_pos_ratio=1))
    proposals = still(A, C, C, B, C, A)
    window = torch.tensor([0, 0, 0, 1, 1, 1])
    hardness = torch.tensor([.9, .0, 1., .9, 1., .0])
    for seed in range(5):
        torch.manual_seed(seed)
        _, rows = sample_windows(ASSIGNER, sampler, proposals, hardness, window, [truth(A), truth(B)], CLIP)
        assert rows.tolist() == [0, 2, 3, 4]


def test_no_proposals():
    results, rows = sample_windows(ASSIGNER, PseudoSampler(), torch.zeros(0, 6, 4), None,
                                   torch.zeros(0, dtype=torch.long), [truth(A), truth()], CLIP)
    assert len(results) == 2 and rows.shape == (0, )
