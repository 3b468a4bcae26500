"""Persons keep their numbers from key frame to key frame."""
import numpy as np
from helpers.memory import kept_alive

from mmstep.apis import Detection, KeyFrame, PersonMatcher


def person(left, label='walk'):
    box = np.array([left, 0., left + 10., 20.])
    return Detection(box, [(label, 0.9)], box[None], np.zeros(1))


def numbers(matcher, time, *persons):
    key_frame = KeyFrame(float(time), list(persons))
    matcher.update(key_frame)
    return [item.person_id for item in key_frame.persons]


def test_numbers_stay_when_order_and_actions_change():
    matcher = PersonMatcher()
    assert numbers(matcher, 0, person(0), person(50)) == [0, 1]
    assert numbers(matcher, 1, person(51, 'sit'), person(2, 'run')) == [1, 0]
    assert numbers(matcher, 2, person(200), person(3)) == [2, 0]


def test_who_stays_is_known_though_the_ends_of_the_tube_are_off(walker):
    # Half-way the boxes are 30 px apart, at the key times 1 px.
    matcher = PersonMatcher()
    first, second = KeyFrame(0.0, [walker(0, 0.0, speed=-45)]), KeyFrame(1.0, [walker(1, 1.0, speed=-45)])
    matcher.update(first)
    matcher.update(second)
    assert second.persons[0].person_id == first.persons[0].person_id


def test_who_was_missed_comes_back_within_the_gap():
    matcher = PersonMatcher(max_gap=2.0)
    assert numbers(matcher, 0, person(0), person(50)) == [0, 1]
    assert numbers(matcher, 1, person(0)) == [0]
    assert numbers(matcher, 2, person(0), person(50)) == [0, 1]
    assert numbers(matcher, 3, person(0)) == [0]
    assert numbers(matcher, 4, person(0)) == [0]
    assert numbers(matcher, 5, person(0), person(50)) == [0, 2]
    assert len(kept_alive(matcher, Detection)) == 2


def test_a_weak_detection_keeps_the_number_of_who_is_missed():
    # Goes 3 px a second to the right (IoU 0.54 with the second before, none after four) and is weak for three seconds.
    matcher = PersonMatcher()
    assert numbers(matcher, 0, person(0)) == [0]
    for time in (1, 2, 3):
        matcher.update(KeyFrame(float(time), [], weak=[person(3 * time), person(80)]))
    assert numbers(matcher, 4, person(12), person(80)) == [0, 1]  # nobody had been shown at 80


def test_a_weak_detection_is_not_taken_for_somebody_who_is_there():
    matcher = PersonMatcher()
    assert numbers(matcher, 0, person(0), person(50)) == [0, 1]
    matcher.update(KeyFrame(1.0, [person(0), person(50)], weak=[person(2)]))
    assert numbers(matcher, 2, person(2), person(50)) == [0, 1]


def test_the_key_time_before_goes_first_and_always_counts():
    matcher = PersonMatcher(max_gap=2.0)
    assert numbers(matcher, 0, person(0)) == [0]
    assert numbers(matcher, 1, person(6)) == [1]  # IoU 0.25: somebody else
    # At 3 both overlap with the new one; the missed one more.
    assert numbers(matcher, 2, person(2)) == [1]
    assert numbers(matcher, 100, person(2)) == [1]


def test_a_new_video_begins_with_new_persons_and_numbers_go_on():
    matcher = PersonMatcher()
    assert numbers(matcher, 5, person(0)) == [0]
    matcher.forget()
    assert numbers(matcher, 0, person(0)) == [1]


def test_memory_does_not_grow():
    matcher = PersonMatcher()
    for time in range(100):
        numbers(matcher, time, person(100 * time))
        assert len(kept_alive(matcher, Detection)) <= 4


def test_numbers_follow_persons_whatever_their_order(walker):
    matcher = PersonMatcher()
    first = KeyFrame(0.0, [walker(0, 0.0, speed=9), walker(100, 0.0)])
    second = KeyFrame(1.0, [walker(101, 1.0), walker(9, 1.0, speed=9), walker(200, 1.0)])
    empty, last = KeyFrame(2.0, []), KeyFrame(3.0, [walker(0, 3.0)])
    for key_frame in (first, second, empty, last):
        matcher.update(key_frame)
    assert [p.person_id for p in first.persons] == [0, 1]
    assert [p.person_id for p in second.persons] == [1, 0, 2]
    assert [p.person_id for p in last.persons] == [3]
