"""Tests of mmstep.apis.live.playback: the pictures of the last seconds, and which of them is shown now."""
import numpy as np
from helpers.memory import kept_alive

from mmstep.apis.live import Playback


def fill(playback, begin, end, step=0.1):
    """Pictures whose value is their time in tenths of a second."""
    for tenth in np.arange(begin, end, step):
        if playback.wants(tenth):
            playback.put(np.full((1, 1, 3), round(tenth * 10), np.uint8), float(tenth))


def shown(playback, now):
    picture, time = playback.at(now)
    assert picture[0, 0, 0] == round(time * 10)
    return round(time, 3)


def test_newest_picture_wins_without_a_delay():
    playback = Playback(max_delay=5, interval=0.1)
    assert playback.at(0.0) is None
    fill(playback, 0, 1.05)
    assert shown(playback, 1.0) == 1.0 and playback.is_empty
    assert shown(playback, 1.5) == 1.0
    fill(playback, 1.1, 3)
    assert shown(playback, 3.0) == 2.9


def test_picture_is_shown_so_much_later():
    playback = Playback(max_delay=5, interval=0.1, delay=2)
    fill(playback, 0, 4)
    assert shown(playback, 4.0) == 2.0
    assert shown(playback, 4.55) == 2.5


def test_delay_grows_at_half_speed_and_shrinks_slowly():
    playback = Playback(max_delay=5, interval=0.1)
    times = []
    playback.aim(1.0)
    for now in np.arange(0, 10, 0.1):
        if playback.wants(now):
            playback.put(np.full((1, 1, 3), round(now * 10), np.uint8), float(now))
        times.append(shown(playback, float(now)))
    steps = np.diff(times)
    # Never back and never a jump; for two seconds at half speed, then at the camera's.
    assert steps.min() >= 0 and steps.max() < 0.21
    assert abs(times[20] - 1.0) < 0.11 and abs(times[99] - 8.9) < 0.11
    playback.aim(0.0)
    shown(playback, 11.0)
    assert 0.85 < playback.delay < 0.92


def test_delay_is_bounded_whatever_is_wanted():
    playback = Playback(max_delay=3, interval=0.1)
    playback.aim(100)
    fill(playback, 0, 0.1)
    for now in np.arange(0, 20, 0.1):
        playback.at(float(now))
    assert playback.delay == 3


def test_pictures_that_nobody_looks_at_do_not_pile_up():
    playback = Playback(max_delay=2, interval=0.1)
    fill(playback, 0, 25)
    assert len(kept_alive(playback, np.ndarray)) <= 32


def test_pictures_that_come_too_fast_are_left_out():
    playback = Playback(max_delay=100, interval=1 / 15)
    fill(playback, 0, 2, step=1 / 30)
    assert len(kept_alive(playback, np.ndarray)) == 30
