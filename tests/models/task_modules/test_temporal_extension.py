"""Temporal extension."""
import pytest
import torch
from mmaction.registry import TASK_UTILS

MOVING = torch.tensor([[[0., 0., 10., 10.], [2., 0., 12., 10.], [4., 0., 14., 10.]]])


def build(kind):
    return TASK_UTILS.build(dict(type=kind))


def test_extrapolation_follows_equation_4():
    tubes = build('LinearExtrapolation')(MOVING, 3)
    # B_{+1,k} = B_K + k / (K - 1) * (B_K - B_1): with K = 3, steps of 2 px go on.
    assert tubes.shape == (1, 9, 4)
    assert tubes[0, :, 0].tolist() == [-6, -4, -2, 0, 2, 4, 6, 8, 10]
    again = build('LinearExtrapolation')(tubes, 3)
    assert again[0, :, 0].tolist() == list(range(-12, 18, 2))


def test_extrapolation_of_one_frame_stays():
    assert build('LinearExtrapolation')(MOVING[:, :1], 1)[0, :, 0].tolist() == [0, 0, 0]


def test_anticipation_puts_the_neighbours_around():
    prev, after = torch.full((1, 3, 4), 1.), torch.full((1, 3, 4), 2.)
    tubes = build('LocationAnticipation')(MOVING, 3, prev, after)
    assert torch.equal(tubes, torch.cat([prev, MOVING, after], dim=1))
    with pytest.raises(ValueError, match='anticipate=True'):
        build('LocationAnticipation')(MOVING, 3)


def test_replicate_repeats_the_mean_box():
    tubes = build('Replicate')(MOVING, 2)
    assert tubes[0, :, 0].tolist() == [2, 2, 0, 2, 4, 2, 2]


@pytest.mark.parametrize('kind', ['LinearExtrapolation', 'Replicate'])
def test_no_tubes(kind):
    assert build(kind)(torch.zeros(0, 3, 4), 3).shape == (0, 9, 4)
