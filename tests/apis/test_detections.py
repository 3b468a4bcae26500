import json

import numpy as np
import pytest

from mmstep.apis import Detection, DetectionLog, KeyFrame, PersonMatcher, group_rows, persons_at, to_detections

A, A_LIKE, B = [0., 0., 10., 10.], [0., 0., 10., 9.], [20., 0., 30., 10.]


def person(left, time, person_id=None, speed=0.0, label='walk', score=0.9):
    """A 10 x 20 box whose left edge is at ``left`` at ``time``; feature frames 1/3 s apart."""
    times = time + np.array([-1, 0, 1]) / 3
    tube = np.stack([[left + speed * (t - time), 0, left + speed * (t - time) + 10, 20] for t in times])
    return Detection(tube[1], [(label, score)], tube, times, person_id)


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
    groups = group_rows(boxes, np.array([[0.1], [0.9], [0.2], [0.3]]))
    assert sorted(np.concatenate(groups)) == [0, 1, 2, 3]
    assert groups[0].tolist() == [1, 0]


def test_no_rows():
    empty = np.zeros((0, 4))
    assert group_rows(empty, np.zeros((0, 2))) == []
    assert to_detections(empty, np.zeros((0, 2)), np.zeros((0, 3, 4)), np.zeros(3), ['a', 'b']) == []


def test_numbers_follow_persons_whatever_their_order():
    matcher = PersonMatcher()
    first = KeyFrame(0.0, [person(0, 0.0, speed=9), person(100, 0.0)])
    second = KeyFrame(1.0, [person(101, 1.0), person(9, 1.0, speed=9), person(200, 1.0)])
    empty, last = KeyFrame(2.0, []), KeyFrame(3.0, [person(0, 3.0)])
    for key_frame in (first, second, empty, last):
        matcher.update(key_frame)
    assert [p.person_id for p in first.persons] == [0, 1]
    assert [p.person_id for p in second.persons] == [1, 0, 2]
    assert [p.person_id for p in last.persons] == [3]


@pytest.mark.parametrize('time', [0.0, 0.2, 1 / 3, 0.45, 0.5, 0.55, 0.8, 1.0])
def test_boxes_between_key_times_follow_a_steady_walk(time):
    before = KeyFrame(0.0, [person(0, 0.0, 7, speed=30)])
    after = KeyFrame(1.0, [person(30, 1.0, 7, speed=30)])
    (found, box), = persons_at(time, before, after, reach=1.0)
    assert found is (before if time <= 0.5 else after).persons[0]
    np.testing.assert_allclose(box, [30 * time, 0, 30 * time + 10, 20], atol=1e-9)


def test_overlapping_tubes_of_a_short_stride_do_not_jump():
    before = KeyFrame(0.0, [person(0, 0.0, 7)])
    after = KeyFrame(0.25, [person(8, 0.25, 7)])
    lefts = [persons_at(t, before, after, 1.0)[0][1][0] for t in np.linspace(0, 0.25, 26)]
    assert (np.diff(lefts) >= -1e-9).all() and np.diff(lefts).max() < 2


def test_nobody_is_shown_far_from_a_key_time_and_strangers_only_near_their_own():
    before, after = KeyFrame(0.0, [person(0, 0.0, 1)]), KeyFrame(10.0, [person(50, 10.0, 2)])
    assert [p.person_id for p, _ in persons_at(0.9, before, after, reach=1.0)] == [1]
    assert persons_at(5.0, before, after, reach=1.0) == []
    assert [p.person_id for p, _ in persons_at(9.5, before, after, reach=1.0)] == [2]
    assert [p.person_id for p, _ in persons_at(10.5, after, None, reach=1.0)] == [2]
    assert persons_at(0.0, None, None, reach=1.0) == []


def test_log_is_whole_json_in_the_end(tmp_path):
    with DetectionLog(str(tmp_path / 'sub' / 'o.json'), dict(video='ä.mp4', classes=None)) as log:
        log.add(KeyFrame(0.0, [person(0.04, 0.0, 3)]))
        log.add(KeyFrame(1.0, []))
        log.complete = True
    content = json.loads((tmp_path / 'sub' / 'o.json').read_text(encoding='utf-8'))
    assert content['video'] == 'ä.mp4' and content['classes'] is None and content['complete']
    assert content['broken_from'] is None
    assert [entry['time'] for entry in content['detections']] == [0.0, 1.0]
    found, = content['detections'][0]['persons']
    assert found['id'] == 3 and found['bbox'] == [0.0, 0.0, 10.0, 20.0]
    assert found['actions'] == [dict(label='walk', score=0.9)]
    assert found['tube'][0] == dict(time=-0.333, bbox=[0.0, 0.0, 10.0, 20.0])


def test_log_of_a_broken_off_run_is_whole_json(tmp_path):
    path = tmp_path / 'o.json'
    with pytest.raises(RuntimeError), DetectionLog(str(path), {}) as log:
        log.add(KeyFrame(0.0, []))
        raise RuntimeError
    content = json.loads(path.read_text())
    assert len(content['detections']) == 1 and content['complete'] is False
    assert not list(tmp_path.glob('*.part'))
