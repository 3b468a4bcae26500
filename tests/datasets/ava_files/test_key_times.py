"""Where windows lie, and which annotated times tell where an actor is."""
import numpy as np

from mmstep.datasets.ava_files import key_seconds, window_times

USUAL = np.array([-2, -1, 0, 1, 2])


def test_annotated_seconds_ascend_and_come_once():
    assert key_seconds([('a', 3), ('b', 1), ('a', 1.5), ('a', 3)]) == {'a': [1.5, 3], 'b': [1]}


def test_every_second_of_a_range():
    assert key_seconds([('a', 3), ('a', 1)], every=True) == {'a': range(1, 4)}
    assert key_seconds([('a', 3.5), ('a', 1.5)], every=True) == {'a': [1.5, 2, 3, 3.5]}
    assert key_seconds([('a', 3), ('a', 7.5)], every=True, limits=(2, 4)) == {'a': range(2, 5)}


def test_whole_seconds_have_the_usual_times():
    assert window_times(5, [3, 5, 9], USUAL) is USUAL and window_times(5, range(9), USUAL) is USUAL


def test_other_times_are_those_that_are_annotated():
    assert window_times(1.5, [0.5, 1.5, 1.75, 9], USUAL).tolist() == [-1, 0, .25]
    assert window_times(2, [0.5, 3.1], USUAL).tolist() == [-1.5, 0, 1.1]
