"""Clipping, flipping and repairing tubes, and their middle frames."""
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmstep.structures import clip_tubes, flip_tubes, middle_frames, middle_slice, repair_tubes

WHOLE = [0., 0., 20., 10.]


def test_clip_by_hand():
    assert clip_tubes(torch.tensor([[-5., 2., 30., 8.]]), (10, 20)).tolist() == [[0., 2., 20., 8.]]
    assert clip_tubes(torch.zeros(0, 3, 4), (10, 20)).shape == (0, 3, 4)


def test_flip_twice_is_nothing():
    tubes = torch.tensor([[1., 2., 4., 8.]])
    assert flip_tubes(tubes, 10).tolist() == [[6., 2., 9., 8.]]
    assert torch.equal(flip_tubes(flip_tubes(tubes, 10), 10), tubes)


def test_small_and_broken_boxes_become_the_whole_frame():
    boxes = torch.tensor([
        [3., 3., 5., 9.],  # 2 px wide: not over 2
        [3., 3., 5.1, 9.],  # just wide enough
        [8., 3., 3., 9.],  # inside out
        [25., 3., 40., 9.],  # outside
        [float('nan'), 0., 9., 9.]
    ])
    fixed = repair_tubes(boxes, (10, 20))
    assert fixed[[0, 2, 3, 4]].tolist() == [WHOLE] * 4
    assert torch.equal(fixed[1], boxes[1])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=4, max_size=4))
def test_repaired_boxes_lie_in_the_frame_and_are_not_empty(box):
    x1, y1, x2, y2 = repair_tubes(torch.tensor([box]), (10, 20))[0].tolist()
    assert 0 <= x1 < x2 <= 20 and 0 <= y1 < y2 <= 10
    assert x2 - x1 >= 1 and y2 - y1 >= 1


@pytest.mark.parametrize('make', [torch.tensor, np.array])
def test_middle_frames(make):
    boxes = make([[[0.], [1.], [2.], [3.], [4.], [5.]]])
    assert middle_frames(boxes, 2).tolist() == [[[2.], [3.]]]
    assert middle_frames(boxes, 6).tolist() == boxes.tolist()
    assert middle_frames(boxes, 3).tolist() == [[[1.], [2.], [3.]]]  # of three that are left over, two come after
    assert middle_frames(boxes, 0).shape == (1, 0, 1)


def test_more_frames_than_there_are():
    with pytest.raises(ValueError, match='middle 9 of 6 frames'):
        middle_slice(6, 9)
