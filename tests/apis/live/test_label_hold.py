"""Tests of mmstep.apis.live.label_hold: labels that do not flicker."""
import numpy as np
import pytest
from helpers.memory import kept_alive

from mmstep.apis import Detection, KeyFrame
from mmstep.apis.live import LabelHold


def person(person_id, box=(0, 0, 10, 10), **actions):
    box = np.array(box, np.float32)
    ranked = sorted(actions.items(), key=lambda item: -item[1])
    return Detection(box, ranked, box[None], np.array([0.0]), person_id)


def labels(key_frame):
    return {found.person_id: [label for label, _ in found.actions] for found in key_frame.persons}


def run(hold, *frames):
    return [labels(hold.update(KeyFrame(float(time), list(persons)))) for time, persons in enumerate(frames)]


def test_score_that_wavers_around_the_threshold_does_not_flicker():
    frames = [[person(0, stand=0.9, walk=score)] for score in (0.45, 0.55, 0.45, 0.55, 0.45, 0.42, 0.5)]
    seen = [shown[0] for shown in run(LabelHold(0.5), *frames)]
    changes = sum(a != b for a, b in zip(seen, seen[1:]))
    assert changes <= 1 and seen[-1] == ['stand', 'walk']


def test_first_result_counts_in_full():
    assert run(LabelHold(0.5), [person(0, walk=0.5)]) == [{0: ['walk']}]
    assert run(LabelHold(0.5), [person(0, walk=0.49)]) == [{}]


def test_action_that_has_ended_goes_after_some_results():
    frames = [[person(0, stand=0.9, walk=0.9)]] + [[person(0, stand=0.9)]] * 4
    seen = run(LabelHold(0.5), *frames)
    # 0.9, 0.36, 0.144: kept at 0.36, over a third of 1; gone at 0.144.
    assert [shown[0] for shown in seen] == [['stand', 'walk']] * 2 + [['stand']] * 3


def test_actions_of_about_the_same_score_keep_their_order():
    frames = [[person(0, a=0.60, b=0.58)], [person(0, a=0.58, b=0.62)], [person(0, a=0.60, b=0.63)]]
    assert [shown[0] for shown in run(LabelHold(0.3), *frames)] == [['a', 'b']] * 3
    frames += [[person(0, a=0.4, b=0.9)]] * 2
    assert run(LabelHold(0.3), *frames)[-1][0] == ['b', 'a']


def test_missed_person_stays_for_two_results():
    seen = run(LabelHold(0.5), [person(3, walk=0.9)], [], [], [], [])
    assert seen == [{3: ['walk']}] * 3 + [{}] * 2


def test_person_that_comes_back_in_between_starts_the_count_anew():
    seen = run(LabelHold(0.5), [person(3, walk=0.9)], [], [person(3, walk=0.9)], [], [], [])
    assert [3 in shown for shown in seen] == [True] * 5 + [False]


def test_missed_person_makes_room_for_who_is_found_there():
    seen = run(LabelHold(0.5), [person(1, walk=0.9)], [person(2, box=(0, 0, 10, 9), walk=0.9)])
    assert seen[1] == {2: ['walk']}
    seen = run(LabelHold(0.5), [person(1, walk=0.9)], [person(2, box=(50, 0, 60, 9), walk=0.9)])
    assert seen[1] == {1: ['walk'], 2: ['walk']}


def test_box_is_the_newest_and_score_the_average():
    hold = LabelHold(0.3, weight=0.5)
    hold.update(KeyFrame(0.0, [person(0, walk=0.8)]))
    found, = hold.update(KeyFrame(1.0, [person(0, box=(5, 5, 20, 20), walk=0.6)])).persons
    assert found.bbox.tolist() == [5, 5, 20, 20] and found.actions == [('walk', pytest.approx(0.7))]


def test_forgetting_and_memory():
    hold = LabelHold(0.5)
    for number in range(1000):
        hold.update(KeyFrame(float(number), [person(number, box=(number, 0, number + 1, 1), walk=0.9)]))
    assert len(kept_alive(hold, Detection)) <= 4
    hold.forget()
    assert hold.update(KeyFrame(1000.0, [])).persons == []
