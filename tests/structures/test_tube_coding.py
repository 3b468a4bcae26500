"""Deltas of tubes."""
import math

import pytest
import torch
from mmdet.models.task_modules.coders.delta_xywh_bbox_coder import delta2bbox

from mmstep.structures import decode_tubes, encode_tubes


def random_tubes(seed, *shape):
    rng = torch.Generator().manual_seed(seed)
    corner = torch.rand(*shape, 2, generator=rng) * 100
    return torch.cat([corner, corner + 5 + torch.rand(*shape, 2, generator=rng) * 80], dim=-1)


def test_encode_by_hand():
    proposal = torch.tensor([[[0., 0., 10., 20.]]])
    target = torch.tensor([[[5., 0., 25., 20.]]])  # centre 10 px to the right, twice as wide
    assert torch.allclose(encode_tubes(proposal, target), torch.tensor([[[1., 0., math.log(2), 0.]]]))
    halved = encode_tubes(proposal, target, stds=(.5, .5, .5, .5))
    assert torch.allclose(halved, torch.tensor([[[2., 0., 2 * math.log(2), 0.]]]))


def test_legacy_counts_pixels_inclusively():
    proposal = torch.tensor([[0., 0., 9., 19.]])  # 10 x 20 when x2 - x1 + 1
    target = torch.tensor([[5., 0., 24., 19.]])  # 20 x 20
    assert torch.allclose(encode_tubes(proposal, target, legacy=True), torch.tensor([[1., 0., math.log(2), 0.]]))
    # Decoded x2 = centre + w / 2 - 1: a zero delta gives the proposal back.
    assert torch.allclose(decode_tubes(proposal, torch.zeros(1, 4), legacy=True), proposal)


def test_how_far_a_side_grows():
    proposal, deltas = torch.tensor([[0., 0., 9., 9.]]), torch.tensor([[0., 0., 6., -6.]])
    sides = [(box[2:] - box[:2]).tolist()
             for box in (decode_tubes(proposal, deltas)[0], decode_tubes(proposal, deltas, legacy=True)[0])]
    assert sides[0] == pytest.approx([9 / .016, 9 * .016], rel=1e-4)  # MMDetection's limit
    assert sides[1] == pytest.approx([10 * math.exp(6) - 1, 10 * math.exp(-6) - 1], rel=1e-4)  # the released has none
    assert decode_tubes(proposal, torch.full((1, 4), 1e3), legacy=True).isfinite().all()


@pytest.mark.parametrize('legacy', [False, True])
@pytest.mark.parametrize('shape', [(7, ), (5, 3), (0, 3)])
def test_round_trip(legacy, shape):
    proposals, targets = random_tubes(0, *shape), random_tubes(1, *shape)
    coding = dict(stds=(.1, .1, .2, .2), legacy=legacy)
    deltas = encode_tubes(proposals, targets, **coding)
    assert torch.allclose(decode_tubes(proposals, deltas, **coding), targets, atol=1e-3)


def test_a_box_per_class():
    proposals = random_tubes(0, 5, 3)
    deltas = torch.randn(5, 3, 8, generator=torch.Generator().manual_seed(0)) * .1
    boxes = decode_tubes(proposals, deltas)
    assert torch.allclose(boxes[..., 4:], decode_tubes(proposals, deltas[..., 4:]), atol=1e-4)


@pytest.mark.parametrize('num_classes', [1, 4])
def test_decoding_equals_that_of_mmdetection(num_classes):
    proposals = random_tubes(0, 5, 3)
    deltas = 3 * torch.randn(5, 3, 4 * num_classes, generator=torch.Generator().manual_seed(0))
    coding = dict(means=(.1, .2, .3, .4), stds=(.1, .1, .2, .2))
    expected = delta2bbox(proposals.reshape(-1, 4), deltas.reshape(15, -1), **coding)
    assert torch.equal(decode_tubes(proposals, deltas, **coding), expected.reshape(deltas.shape))
