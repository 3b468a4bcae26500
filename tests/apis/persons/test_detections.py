"""Boxes of one person become one detection; detections as plain data."""
import json

import numpy as np
import pytest

from mmstep import apis
from mmstep.apis import Detection, KeyFrame, group_boxes, to_detections
from mmstep.apis.persons.detections import split_weak

A, A_LIKE, B = [0., 0., 10., 10.], [0., 0., 10., 9.], [20., 0., 30., 10.]


def test_rows_of_one_person_are_merged_with_the_best_score_of_each_class():
    boxes = np.array([A_LIKE, B, A])
    scores = np.array([[0.2, 0.8, 0.0], [0.0, 0.5, 0.0], [0.9, 0.0, 0.0]])
    tubes = boxes[:, None].repeat(3, axis=1)
    persons = to_detections(boxes, scores, tubes, np.arange(3.0), ['walk', 'talk', 'sit'])
    assert [p.actions for p in persons] == [[('walk', 0.9), ('talk', 0.8)], [('talk', 0.5)]]
    np.testing.assert_array_equal(persons[0].bbox, A)
    np.testing.assert_array_equal(persons[1].tube[2], B)


def test_score_threshold_leaves_out_actions_and_persons():
    boxes = np.array([A, B])
    scores = np.array([[0.9, 0.29], [0.1, 0.2]])
    persons = to_detections(boxes, scores, boxes[:, None], np.zeros(1), ['walk', 'talk'], score_thr=0.3)
    assert [p.actions for p in persons] == [[('walk', 0.9)]]


def test_grouping_takes_every_row_once_even_boxes_without_area():
    boxes = np.array([A, A, [5., 5., 5., 5.], [5., 5., 5., 5.]])
    groups = group_boxes(boxes, np.array([[0.1], [0.9], [0.2], [0.3]]))
    assert sorted(np.concatenate(groups)) == [0, 1, 2, 3]
    assert groups[0].tolist() == [1, 0]


def test_no_rows():
    empty = np.zeros((0, 4))
    assert group_boxes(empty, np.zeros((0, 2))) == []
    assert to_detections(empty, np.zeros((0, 2)), np.zeros((0, 3, 4)), np.zeros(3), ['a', 'b']) == []


def test_plain_data_is_rounded_and_goes_through_json():
    tube = np.array([[1.04, 2, 3, 4], [5.06, 6, 7, 8]], np.float32)
    found = Detection(tube[1], [('wälk', np.float32(0.87654))], tube, np.array([0.12345, 1 / 3]), 3)
    plain = KeyFrame(np.float64(2.00049), [found], [[found]]).to_dict()
    assert json.loads(json.dumps(plain)) == plain == dict(
        time=2.0,
        persons=[
            dict(
                id=3,
                bbox=[5.1, 6, 7, 8],
                actions=[dict(label='wälk', score=0.8765)],
                tube=[dict(time=0.123, bbox=[1.0, 2, 3, 4]),
                      dict(time=0.333, bbox=[5.1, 6, 7, 8])])
        ])


def test_persons_below_every_threshold_are_weak():
    box = np.zeros(4)
    found = [Detection(box, actions, box[None], np.zeros(1)) for actions in ([('a', .6), ('b', .5)], [('b', .5)], [])]
    shown, weak = split_weak(found, ['a', 'b'], np.array([.3, .6]))
    assert [person.actions for person in shown] == [[('a', .6)]]
    assert [person.actions for person in weak] == [[('b', .5)], []]


def test_box_moves_along_the_tube_and_rests_outside():
    found = Detection(np.zeros(4), [('walk', 0.9)], np.array([[0., 0, 10, 10], [8, 4, 18, 14]]), np.array([1.0, 3.0]))
    assert [found.box_at(time).tolist() for time in (0, 1.5, 9)] == [[0, 0, 10, 10], [2, 1, 12, 11], [8, 4, 18, 14]]
    assert found.score == 0.9


@pytest.mark.parametrize('exact', [True, False])
def test_plain_data_gives_the_key_frame_back(exact):
    tube = np.array([[1 / 3, 2, 3, 4], [5, 6, 7, 8]], np.float32)
    found = KeyFrame(1 / 3, [Detection(tube[1], [('walk', 1 / 7)], tube, np.array([0.1, 1 / 3]), 3)])
    again = KeyFrame.from_dict(json.loads(json.dumps(found.to_dict(exact=exact))))
    person, = again.persons
    assert again.to_dict() == found.to_dict() and person.person_id == 3
    assert (again.time == 1 / 3) is exact and (person.actions == [('walk', 1 / 7)]) is exact
    np.testing.assert_allclose(person.tube, tube, atol=0 if exact else 0.05)
    assert KeyFrame.from_dict(found.to_dict(tubes=False)).persons[0].tube.shape == (0, 4)


def test_the_older_name_of_group_boxes_warns():
    with pytest.warns(DeprecationWarning, match='group_boxes'):
        assert apis.group_rows is group_boxes
