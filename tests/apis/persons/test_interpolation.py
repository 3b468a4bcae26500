"""Boxes between two key frames."""
import numpy as np
import pytest

from mmstep.apis import KeyFrame, persons_at


@pytest.mark.parametrize('time', [0.0, 0.2, 1 / 3, 0.45, 0.5, 0.55, 0.8, 1.0])
def test_boxes_between_key_times_follow_a_steady_walk(walker, time):
    before = KeyFrame(0.0, [walker(0, 0.0, 7, speed=30)])
    after = KeyFrame(1.0, [walker(30, 1.0, 7, speed=30)])
    (found, box), = persons_at(time, before, after, reach=1.0)
    assert found is (before if time <= 0.5 else after).persons[0]
    np.testing.assert_allclose(box, [30 * time, 0, 30 * time + 10, 20], atol=1e-9)


def test_overlapping_tubes_of_a_short_stride_do_not_jump(walker):
    before = KeyFrame(0.0, [walker(0, 0.0, 7)])
    after = KeyFrame(0.25, [walker(8, 0.25, 7)])
    lefts = [persons_at(t, before, after, 1.0)[0][1][0] for t in np.linspace(0, 0.25, 26)]
    assert (np.diff(lefts) >= -1e-9).all() and np.diff(lefts).max() < 2


def test_nobody_is_shown_far_from_a_key_time_and_strangers_only_near_their_own(walker):
    before, after = KeyFrame(0.0, [walker(0, 0.0, 1)]), KeyFrame(10.0, [walker(50, 10.0, 2)])
    assert [p.person_id for p, _ in persons_at(0.9, before, after, reach=1.0)] == [1]
    assert persons_at(5.0, before, after, reach=1.0) == []
    assert [p.person_id for p, _ in persons_at(9.5, before, after, reach=1.0)] == [2]
    assert [p.person_id for p, _ in persons_at(10.5, after, None, reach=1.0)] == [2]
    assert persons_at(0.0, None, None, reach=1.0) == []


def test_moving_person_who_is_known_once_stays_where_the_tube_ends(walker):
    only = KeyFrame(1.0, [walker(0, 1.0, 7, speed=30)])
    lefts = [persons_at(time, only, None, reach=1.0)[0][1][0] for time in (1.0, 1.1, 4 / 3, 1.9)]
    np.testing.assert_allclose(lefts, [0, 3, 10, 10], atol=1e-9)
    # The same before the first key time.
    (_, box), = persons_at(0.1, None, only, reach=1.0)
    assert box[0] == pytest.approx(-10)


def test_persons_of_different_numbers_do_not_become_each_other(walker):
    before, after = KeyFrame(0.0, [walker(0, 0.0, 1)]), KeyFrame(1.0, [walker(80, 1.0, 2)])
    assert persons_at(0.49, before, after, reach=1.0)[0][1][0] == 0
    assert persons_at(0.51, before, after, reach=1.0)[0][1][0] == 80


def test_who_is_gone_at_the_nearer_key_time_is_not_shown(walker):
    before, after = KeyFrame(0.0, [walker(0, 0.0, 1)]), KeyFrame(1.0, [])
    assert [len(persons_at(time, before, after, reach=1.0)) for time in (0.4, 0.5, 0.6)] == [1, 1, 0]
