"""Tube coder."""
import torch
from mmdet.registry import TASK_UTILS

BOXES = torch.tensor([[0., 0., 10., 20.], [5., 5., 30., 30.]])


def test_works_on_plain_boxes_as_mmdet_coder():
    ours = TASK_UTILS.build(dict(type='TubeDeltaCoder', target_stds=(.1, .1, .2, .2)))
    theirs = TASK_UTILS.build(dict(type='mmdet.DeltaXYWHBBoxCoder', target_stds=(.1, .1, .2, .2)))
    assert torch.equal(ours.encode(BOXES, BOXES.flip(0)), theirs.encode(BOXES, BOXES.flip(0)))
    deltas = torch.randn(2, 8, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(ours.decode(BOXES, deltas, (25, 25)), theirs.decode(BOXES, deltas, (25, 25)))


def test_works_on_tubes():
    coder = TASK_UTILS.build(dict(type='TubeDeltaCoder'))
    tubes = BOXES[:, None].repeat(1, 3, 1)
    deltas = coder.encode(tubes, tubes.flip(0))
    assert torch.allclose(coder.decode(tubes, deltas), tubes.flip(0), atol=1e-4)
    assert coder.decode(tubes, deltas + 1, (25, 25)).max() <= 25


def test_found_from_both_registries():
    from mmaction.registry import TASK_UTILS as MMACTION
    for kind in ('TubeDeltaCoder', 'TubeAssigner', 'HardAwareSampler'):
        assert MMACTION.get(kind) is TASK_UTILS.get(kind) is not None
