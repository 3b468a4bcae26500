"""Overlap of tubes."""
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmstep.structures import tube_iou


def test_mean_over_frames_by_hand():
    a = torch.tensor([[[0., 0., 2., 2.], [0., 0., 2., 2.]]])
    b = torch.tensor([[[0., 0., 2., 2.], [0., 0., 2., 1.]]])
    assert tube_iou(a, b).tolist() == [[0.75]]


def test_only_valid_frames_count():
    a = torch.tensor([[[0., 0., 2., 2.], [0., 0., 2., 2.]]])
    b = torch.tensor([[[0., 0., 2., 1.], [50., 50., 60., 60.]]])
    assert tube_iou(a, b, torch.tensor([[True, False]])).tolist() == [[0.5]]
    assert tube_iou(a, b, torch.tensor([[False, False]])).tolist() == [[0.]]


def test_plain_boxes_are_tubes_of_one_frame():
    a = torch.tensor([[0., 0., 2., 2.], [1., 0., 3., 2.]])
    assert torch.allclose(tube_iou(a, a[:1]), torch.tensor([[1.], [1 / 3]]))


@pytest.mark.parametrize('n, g', [(0, 2), (3, 0), (0, 0)])
def test_empty(n, g):
    assert tube_iou(torch.zeros(n, 3, 4), torch.zeros(g, 3, 4)).shape == (n, g)
    assert tube_iou(torch.zeros(n, 4), torch.zeros(g, 4)).shape == (n, g)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_symmetric_bounded_and_one_with_itself(seed):
    rng = torch.Generator().manual_seed(seed)
    corner = torch.rand(4, 3, 2, generator=rng) * 50
    tubes = torch.cat([corner, corner + 1 + torch.rand(4, 3, 2, generator=rng) * 50], dim=-1)
    iou = tube_iou(tubes, tubes)
    assert torch.allclose(iou, iou.t(), atol=1e-6)
    assert torch.allclose(iou.diag(), torch.ones(4), atol=1e-5)
    assert (iou >= 0).all() and (iou <= 1 + 1e-6).all()
