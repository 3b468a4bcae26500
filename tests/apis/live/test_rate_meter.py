"""Tests of mmstep.apis.live.rate_meter: how often something happens."""
import numpy as np
import pytest
from helpers.memory import kept_alive

from mmstep.apis.live.rate_meter import RateMeter


def meter(times, **kwargs):
    meter = RateMeter(**kwargs)
    for time in times:
        meter.tick(time)
    return meter


def test_rate_is_that_of_the_intervals():
    assert meter([10, 10.5, 11, 11.5]).rate(11.5) == pytest.approx(3 / 1.5)


def test_one_event_has_no_rate():
    assert meter([]).rate(0) == meter([3]).rate(3) == 0


def test_events_before_the_span_do_not_count():
    slow_then_fast = meter([0, 2, 4, *(10 + np.arange(11) / 10)], span=5)
    assert slow_then_fast.rate(11) == pytest.approx(10)
    assert slow_then_fast.count == 14


def test_rate_falls_when_nothing_happens_any_more():
    stopped = meter(np.arange(11) / 10)
    assert [stopped.rate(now) for now in (1, 2, 4)] == pytest.approx([10, 5, 2.5])
    assert stopped.rate(6.5) == 0 and stopped.count == 11


def test_events_at_one_moment_give_a_number():
    assert np.isfinite(meter([1.0, 1.0, 1.0]).rate(1.0))


def test_many_events_need_little_memory_and_keep_the_rate():
    busy = meter(np.arange(20000) / 2000)
    assert busy.rate(19999 / 2000) == pytest.approx(2000)
    assert busy.count == 20000 and len(kept_alive(busy, float)) <= 1001
