"""Where along a path the action takes place: Viterbi labels and segments."""
import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmstep.evaluation.linking import action_segments, viterbi_labels
from mmstep.evaluation.linking.trimming import segments_of_paths


def energy(scores, labels, cost):
    return scores[labels, np.arange(len(labels))].sum() - cost * np.count_nonzero(np.diff(labels))


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 6)), elements=st.floats(-2, 2)), st.floats(0, 3))
def test_no_labelling_is_better(scores, cost):
    labels = viterbi_labels(scores, cost)
    best = max(
        energy(scores, np.array(other), cost)
        for other in itertools.product(range(len(scores)), repeat=scores.shape[1]))
    assert energy(scores, labels, cost) == pytest.approx(best, abs=1e-9)


def textbook(scores, cost):
    """Every label looks at every label before it; ``argmax`` takes the first, as Matlab's ``max`` does."""
    energy, before = scores[:, 0], []
    for column in scores.T[1:]:
        options = energy - cost * (np.arange(len(scores))[:, None] != np.arange(len(scores)))
        before.append(options.argmax(axis=1))
        energy = options.max(axis=1) + column
    labels = [int(energy.argmax())]
    for row in before[::-1]:
        labels.append(int(row[labels[-1]]))
    return labels[::-1]


@settings(max_examples=150, deadline=None)
@given(
    arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 12)), elements=st.integers(0, 3)),
    st.sampled_from([0., 0.5, 1., 2., 0.1]))
def test_ties_go_as_in_the_matlab_program(scores, cost):
    assert viterbi_labels(scores, cost).tolist() == textbook(scores.astype(float), cost)
    assert viterbi_labels(scores / 10 + 20, cost).tolist() == textbook(scores / 10 + 20, cost)


def test_long_path_takes_milliseconds():
    scores = np.random.default_rng(0).random((2, 10000))

    def seconds():
        start = time.process_time()
        viterbi_labels(scores, 0.5)
        return time.process_time() - start

    assert min(seconds() for _ in range(5)) < 0.05


def test_first_and_last_frame_count():
    scores = np.array([[1., 0, 0, 0, 1], [0., 1, 1, 1, 0]])
    assert viterbi_labels(scores, 0.4).tolist() == [0, 1, 1, 1, 0]
    assert viterbi_labels(scores, 1.1).tolist() == [1, 1, 1, 1, 1]


def test_ties_take_the_smaller_label():
    assert viterbi_labels(np.zeros((2, 4)), 1.).tolist() == [0] * 4
    assert viterbi_labels(np.zeros((3, 4)), 0.).tolist() == [0] * 4


def test_long_paths_of_two_labels_and_of_more_agree():
    scores = np.random.default_rng(0).random((2, 500))
    more = np.concatenate([scores, np.full((1, 500), -9)])
    assert viterbi_labels(scores, 0.7).tolist() == viterbi_labels(more, 0.7).tolist()


def test_empty_and_wrong_input():
    assert viterbi_labels(np.zeros((2, 0)), 1.).shape == (0, )
    with pytest.raises(ValueError, match='must be finite'):
        viterbi_labels(np.array([[np.nan], [0]]), 1.)
    with pytest.raises(ValueError, match='not negative'):
        viterbi_labels(np.zeros((2, 3)), -1.)
    with pytest.raises(ValueError, match=r'must be \(C, T\)'):
        viterbi_labels(np.zeros(3), 1.)


def test_segments():
    scores = np.array([.1, .9, .9, .2, .9, .1, .1, .8, .8])
    assert action_segments(scores, 0.05, threshold=0.5) == [(1, 3), (4, 5), (7, 9)]
    assert action_segments(scores, 0.6, threshold=0.5) == [(1, 5), (7, 9)]
    assert action_segments(np.full(5, 0.3), 0.1, threshold=0.5) == []
    assert action_segments(np.full(5, 0.3), 0.1, threshold=0.2) == [(0, 5)]


@pytest.mark.parametrize('scale', [1., .1, 1e-3])
def test_usual_threshold_is_half_of_the_highest_score_on_any_scale(scale):
    scores = scale * np.array([.2, .2, .2, 1, .9, 1, .4, .1, .1])
    assert action_segments(scores, 0.5) == action_segments(scores / scale, 0.5, threshold=0.5) == [(3, 6)]


def test_usual_threshold_discards_no_path():
    assert action_segments(np.full(5, 0.01), 1.) == [(0, 5)]
    assert action_segments(np.array([.9, .1, .1, .1, .1, .1]), 1.5) == [(0, 6)]  # a switch costs more than it gains
    assert action_segments(np.zeros(3), 1.) == [(0, 3)]
    assert action_segments(np.zeros(0), 1.) == []


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([np.float32, np.float64]), st.lists(st.integers(0, 10), max_size=12)), max_size=8),
    st.sampled_from([0., 0.1, 0.25, 0.5, 1.]), st.sampled_from([0.2, 0.5]))
def test_many_paths_at_once_are_labelled_as_one_by_one(paths, cost, threshold):
    scores = [np.array(values, dtype=dtype) / dtype(10) for dtype, values in paths]
    for path, ranges in zip(scores, segments_of_paths(scores, cost, threshold)):
        action = np.zeros(len(path), dtype=bool)
        for start, stop in ranges:
            assert not action[max(start - 1, 0):stop].any()  # apart, and in their order
            action[start:stop] = True
        if len(path):
            expected = viterbi_labels(np.stack([path, 2 * threshold - path]), cost) == 0
            assert action.tolist() == expected.tolist()
