"""Average precision and recall of one window."""
import numpy as np
import pytest

from mmstep.apis.drawing.window_score import Persons, count_found, score_window

LEFT, RIGHT = (0., 0., .4, 1.), (.6, 0., 1., 1.)


def persons(*rows):
    """(box, scores) of each person, two classes."""
    return Persons(
        np.array([box for box, _ in rows]).reshape(-1, 4),
        np.array([scores for _, scores in rows], float).reshape(-1, 2))


@pytest.mark.parametrize(
    'detected, ap, right',
    [
        ([(LEFT, (.9, 0)), (RIGHT, (0, .8))], 1, [True, True]),
        # The wrong one is first: the precisions at the two hits are 1 / 2 and 2 / 3; their envelope is 2 / 3.
        ([(LEFT, (.9, .95)), (RIGHT, (0, .8))], 2 / 3, [False, True]),
        ([(LEFT, (.9, 0))], .5, [True]),
        ([((.3, 0, .7, 1), (.9, .9))], 0, [False]),
        # Twice the same person: one of the two is wrong.
        ([(LEFT, (.9, 0)), (LEFT, (.8, 0))], .5, [True, False]),
        ([], 0, []),
    ])
def test_average_precision_of_all_classes(detected, ap, right):
    annotated = persons((LEFT, (1, 0)), (RIGHT, (0, 1)))
    value, hits = score_window(annotated, persons(*detected), 0.3)
    assert value == pytest.approx(ap) and hits.tolist() == right


def test_a_person_of_two_actions_is_two_entries():
    value, hits = score_window(persons((LEFT, (1, 1))), persons((LEFT, (.9, 0))), 0.3)
    assert value == 0.5 and hits.tolist() == [True]


def test_where_nobody_is_annotated():
    assert score_window(persons(), persons(), 0.3)[0] == 1
    assert score_window(persons(), persons((LEFT, (.2, 0))), 0.3)[0] == 1
    value, hits = score_window(persons(), persons((LEFT, (.4, 0))), 0.3)
    assert value == 0 and hits.tolist() == [False]


def test_found_persons():
    boxes = np.array([LEFT, RIGHT])
    assert count_found(boxes, np.array([LEFT, LEFT])) == 1
    assert count_found(boxes, np.array([(0, 0, .5, 1), (.5, 0, 1, 1)])) == 2
    assert count_found(boxes, boxes[:0]) == count_found(boxes[:0], boxes) == 0
