"""Tests of mmstep.apis.live.session: capture and detection side by side, and what to show of them."""
import threading
import time

import numpy as np
import pytest

from mmstep.apis import Detection, KeyFrame
from mmstep.apis.live import LabelHold, LiveSession, Playback, show_live

WINDOW = 0.1  # seconds from a key time to its whole window


class FakeDetector:
    """A key time at each frame; keeps the newest only, as StreamingDetector does."""

    def __init__(self, seconds=0.0):
        self.seconds, self.dropped, self.resets, self.finished = seconds, 0, 0, False
        self.detected, self.threads = [], set()
        self._waiting, self._filled = None, threading.Condition()

    def add(self, frame, time):
        with self._filled:
            self.dropped += self._waiting is not None
            self._waiting = time
            self._filled.notify_all()

    def wait(self, timeout):
        with self._filled:
            return self._filled.wait_for(lambda: self._waiting is not None, timeout)

    def detect(self):
        with self._filled:
            waiting, self._waiting = self._waiting, None
        self.threads.add(threading.current_thread().name)
        time.sleep(self.seconds)
        self.detected.append(waiting)
        box = np.array([10.0, 10, 30, 30])
        return [KeyFrame(waiting, [Detection(box, [('walk', 0.9)], box[None], np.array([waiting]), 4)])]

    def finish(self):
        self.finished = True
        return []

    def reset(self):
        self.resets += 1


def camera(count, interval=0.005, size=(160, 120)):
    for number in range(count):
        yield np.full((size[1], size[0], 3), 50 + number % 100, np.uint8), time.monotonic()
        time.sleep(interval)


class Eye:
    """A sink that remembers what it was shown."""

    def __init__(self, most=10**6):
        self.seen, self.most = [], most

    def show(self, picture, captured):
        self.seen.append((picture, captured, time.monotonic()))
        return len(self.seen) < self.most


@pytest.fixture
def make():
    sessions = []

    def make(detector, **kwargs):
        playback = Playback(max_delay=0.5, interval=0.001)
        sessions.append(LiveSession(detector, LabelHold(0.3), playback, reach=1.0, size=(160, 120), **kwargs))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()
    assert not [thread for thread in threading.enumerate() if thread.name in ('capture', 'detection')]


def test_slow_model_leaves_out_key_times_and_does_not_fall_behind(make):
    detector, eye = FakeDetector(seconds=0.03), Eye()
    session = make(detector)
    session.start(camera(80))
    show_live(session, [eye], fps=200)
    stats = session.stats
    assert stats.frames == 80 and stats.dropped > 20 and stats.results + stats.dropped == 80
    # The newest frame wins: a result is as old as the model is slow, in the end as at the beginning.
    assert (np.diff(detector.detected) > 0).all() and stats.max_result_age < 1 and stats.max_delay < 1
    assert stats.drop_rate == stats.dropped / 80
    assert detector.threads == {'detection'} and detector.finished


def test_persons_of_the_result_are_drawn(make):
    eye = Eye()
    session = make(FakeDetector())
    session.start(camera(40))
    show_live(session, [eye], fps=100)
    picture = eye.seen[-1][0].astype(int)
    assert picture.shape == (120, 160, 3)
    # The box's line is coloured, the frame is grey.
    assert np.ptp(picture[25, 10]) > 50 and np.ptp(picture[110, 150]) < 5


def test_end_of_a_file_is_shown_to_the_last_picture(make):
    eye = Eye()
    session = make(FakeDetector())
    session.start(camera(30))
    show_live(session, [eye], fps=100)
    assert session.finished and not session.stop.is_set()
    assert eye.seen[-1][0][110, 150, 0] == 79


def test_results_are_told(make):
    told = []
    session = make(FakeDetector())
    session.on_result = told.append
    session.start(camera(10))
    show_live(session, [], fps=100)
    assert [key_frame.persons[0].person_id for key_frame in told] == [4] * session.stats.results


@pytest.mark.parametrize('broken', ['camera', 'detector'])
def test_error_in_a_thread_is_raised_where_it_is_shown(make, broken):

    def failing(*_):
        raise RuntimeError('out of memory')

    detector = FakeDetector()
    session = make(detector)
    if broken == 'detector':
        detector.detect = failing
        session.start(camera(1000))
    else:
        session.start(failing() for _ in range(1))
    with pytest.raises(RuntimeError, match='out of memory'):
        show_live(session, [Eye()], fps=100)


def test_break_begins_a_new_video_and_is_said_on_the_picture(make):
    detector, eye = FakeDetector(), Eye()
    session = make(detector)
    session.start(camera(10, size=(640, 480)))
    show_live(session, [eye], fps=100)
    now = time.monotonic()
    plain = session.look(now)[0]
    for message in ('no picture comes. Trying again in 1 s', 'no picture comes. Trying again in 2 s'):
        session.note(message)
    assert detector.resets == 1 and session.stats.breaks == 1
    broken = session.look(now)[0]
    assert (broken != plain).any()
    session.note('')
    session.note('again')
    assert detector.resets == 2 and session.stats.breaks == 2
