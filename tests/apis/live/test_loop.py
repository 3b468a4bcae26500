"""Tests of mmstep.apis.live.loop: the showing part of a live session."""
import signal
import threading

import numpy as np
import pytest

from mmstep.apis.live import loop, show_live, stop_on_signals


class FakeSession:
    """No picture at first, then so many of them; each is its number."""

    def __init__(self, count=10**6, stop=None, error=None):
        self.stop, self._left, self._number, self._error = stop or threading.Event(), count, -1, error

    @property
    def finished(self):
        return self._number >= self._left

    def look(self, now):
        self._number += 1
        return (self._number, now) if self._number else None

    def check(self):
        if self._error:
            raise self._error


class Eye:
    """A sink that remembers what it was shown, and is closed after a number of pictures."""

    def __init__(self, most=10**6):
        self.seen, self.times, self.most = [], [], most

    def show(self, picture, time):
        self.seen.append(picture)
        self.times.append(time)
        return len(self.seen) < self.most


class Clock(threading.Event):
    """A stop event that moves the clock instead of waiting."""

    def __init__(self, monkeypatch):
        super().__init__()
        self.now = 50.0
        monkeypatch.setattr(loop.time, 'monotonic', lambda: self.now)

    def wait(self, timeout):
        self.now += max(timeout, 0)


def test_every_sink_is_shown_everything_up_to_the_end(monkeypatch):
    first, second = Eye(), Eye()
    show_live(FakeSession(4, Clock(monkeypatch)), [first, second], fps=10)
    assert first.seen == second.seen == [1, 2, 3, 4]


def test_pictures_come_at_the_rate(monkeypatch):
    eye = Eye(most=5)
    show_live(FakeSession(stop=Clock(monkeypatch)), [eye], fps=20)
    np.testing.assert_allclose(np.diff(eye.times), 1 / 20)


def test_slow_picture_is_not_made_up_for_by_hurry(monkeypatch):
    clock, eye = Clock(monkeypatch), Eye(most=5)

    class Slow:

        def show(self, picture, time):
            clock.now += 0.35 if picture == 2 else 0.02
            return True

    show_live(FakeSession(stop=clock), [Slow(), eye], fps=10)
    np.testing.assert_allclose(np.diff(eye.times), [0.1, 0.35, 0.1, 0.1])


def test_sink_that_is_closed_ends_it_but_the_others_see_the_picture(monkeypatch):
    before, closed, after = Eye(), Eye(most=3), Eye()
    session = FakeSession(stop=Clock(monkeypatch))
    show_live(session, [before, closed, after], fps=10)
    assert before.seen == closed.seen == after.seen == [1, 2, 3]


def test_time_limit(monkeypatch):
    clock = Clock(monkeypatch)
    show_live(FakeSession(stop=clock), [Eye()], fps=4, max_seconds=2.1)
    assert clock.now == pytest.approx(52.25)


def test_stop_is_not_waited_for_until_the_next_picture():
    session = FakeSession()
    threading.Timer(0.05, session.stop.set).start()
    eye = Eye()
    show_live(session, [eye], fps=1e-3)  # one in a quarter of an hour
    assert eye.seen == []


def test_error_of_a_thread_is_raised_in_the_end(monkeypatch):
    session = FakeSession(2, Clock(monkeypatch), error=RuntimeError('out of memory'))
    eye = Eye()
    with pytest.raises(RuntimeError, match='out of memory'):
        show_live(session, [eye], fps=10)
    assert eye.seen == [1, 2]


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_cleanly_and_the_next_one_as_usual(number):
    usual = []
    old = signal.signal(number, lambda *_: usual.append(number))
    try:
        session = FakeSession()
        with stop_on_signals(session.stop):
            signal.raise_signal(number)
            show_live(session, [Eye()], fps=1)
            assert session.stop.is_set() and not usual
            signal.raise_signal(number)
            assert usual == [number]
        signal.raise_signal(number)
        assert usual == [number] * 2
    finally:
        signal.signal(number, old)


def test_handlers_are_put_back_after_an_error():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(RuntimeError), stop_on_signals(threading.Event()):
        assert signal.getsignal(signal.SIGTERM) not in before
        raise RuntimeError
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
