"""Paths of tubelets and the tubes that come of them."""
import numpy as np
import pytest

from mmstep.evaluation.linking.path import Path
from mmstep.evaluation.rules import RULES, get_rules

ANY = get_rules(dict(min_tube_length=1, min_tube_score=-9))


def make_path(*tubelets, history=None):
    """Tubelets as (start, K values of x1, score)."""
    path = Path(3, 7, history)
    for start, left, score in tubelets:
        path.add(start, 0, np.array(left, dtype=float)[:, None] + [0, 0, 9, 9], score)
    return path


def test_means_over_the_tubelets_of_a_frame():
    tube, = make_path((4, [0, 2, 4], 0.5), (5, [4, 8, 6], 0.9)).tubes(ANY)
    assert (tube.label, tube.start, tube.score) == (3, 4, pytest.approx(0.7))
    assert tube.boxes[:, 0].tolist() == [0, 3, 6, 6]


def test_frames_between_tubelets_are_interpolated():
    tube, = make_path((1, [0, 0], 0.5), (6, [8, 8], 0.5)).tubes(ANY)
    assert tube.boxes[:, 0].tolist() == [0, 0, 2, 4, 6, 8, 8]


def test_least_length_and_score_are_inclusive():
    assert len(make_path((1, [0] * 15, 0.01)).tubes(RULES['act'])) == 1
    assert make_path((1, [0] * 14, 0.9)).tubes(RULES['act']) == []
    assert make_path((1, [0] * 15, 0.0099)).tubes(RULES['act']) == []


def test_trimmed_parts_are_held_to_the_rules_too():
    path = make_path((1, [0] * 5, 0.9), (6, [0] * 5, 0.1), (11, [0] * 5, 0.9))
    trim = dict(switch_cost=0.1)
    tubes = path.tubes(get_rules(dict(min_tube_length=5)), trim)
    assert [(tube.start, len(tube.boxes)) for tube in tubes] == [(1, 5), (11, 5)]
    assert path.tubes(get_rules(dict(min_tube_length=6)), trim) == []
    assert path.tubes(get_rules(dict(min_tube_length=5, min_tube_score=0.95)), trim) == []


def test_history_forgets_the_oldest():
    path = make_path(*((start, [start] * 3, start / 100) for start in range(1, 51)), history=4)
    tube, = path.tubes(ANY)
    assert (tube.start, len(tube.boxes)) == (47, 6)
    assert tube.score == pytest.approx(0.485) and path.score == pytest.approx(0.485)


def test_tubes_end_with_the_video():
    path = make_path((1, [0] * 30, 0.9))
    tube, = path.tubes(RULES['act'], nframes=18)
    assert len(tube.boxes) == 18
    assert path.tubes(RULES['act'], nframes=14) == []  # in the video it is shorter than the rules want
