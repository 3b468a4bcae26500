"""Tests of mmstep.evaluation.linking.stride: how far apart the start frames of tubelets lie."""
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmstep.evaluation.linking import find_stride


def silent_stride(video, start, gap=5):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        return find_stride(np.array(video), np.array(start), gap)


@given(st.integers(1, 12), st.lists(st.integers(13, 90), min_size=2, max_size=4), st.randoms())
def test_windows_with_one_at_the_end_of_the_video(stride, lasts, random):
    pairs = [(video, start) for video, last in enumerate([5 * stride + 1, *lasts])
             for start in {*range(1, last + 1, stride), last}]
    random.shuffle(pairs)
    video, start = zip(*pairs)
    assert silent_stride(video, start) == stride


def test_windows_without_detections():
    assert silent_stride([0] * 6, [1, 7, 13, 25, 31, 43]) == 6
    # Stride 1 with few detections is no large stride, but nothing will be linked.
    with pytest.warns(UserWarning, match='mostly 17 frames apart, and paths end after 5'):
        assert find_stride(np.zeros(5), np.array([1, 20, 37, 50, 67]), 5) == 1


def test_too_little_to_tell():
    assert silent_stride([], []) == 1
    assert silent_stride([0, 0, 1], [3, 3, 9]) == 1
    assert silent_stride([0, 0], [1, 4]) == 1
    assert silent_stride([0, 0, 0], [1, 9, 17]) == 8
