"""Joining the pathways of SlowFast."""
import pytest
import torch
from mmaction.registry import MODELS


@pytest.fixture
def neck():
    return MODELS.build(dict(type='ConcatPathways'))


def test_fast_frames_are_averaged_onto_the_slow_ones(neck):
    slow = torch.zeros(1, 2, 2, 1, 1)
    fast = torch.arange(8.).view(1, 1, 8, 1, 1)
    joined = neck((slow, fast))
    assert joined.shape == (1, 3, 2, 1, 1)
    # Four fast frames for each slow one: 0..3 and 4..7.
    assert joined[0, 2].flatten().tolist() == [1.5, 5.5]
    assert not joined[:, :2].any()


def test_the_slow_pathway_need_not_come_first(neck):
    maps = [torch.rand(2, 3, 8, 4, 5), torch.rand(2, 7, 2, 4, 5)]
    joined = neck(maps)
    assert joined.shape == (2, 10, 2, 4, 5)
    assert torch.equal(joined[:, 3:], maps[1])


def test_one_map_stays(neck):
    x = torch.rand(2, 3, 4, 5, 5)
    assert torch.equal(neck([x]), x)


def test_frames_that_do_not_divide_are_named(neck):
    with pytest.raises(ValueError, match=r'\[3, 8\].*clip_len'):
        neck([torch.rand(1, 1, 3, 2, 2), torch.rand(1, 1, 8, 2, 2)])
