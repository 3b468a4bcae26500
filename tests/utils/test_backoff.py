"""Backoff: waits that grow from one failed attempt to the next."""
from mmstep.utils.backoff import Backoff


def test_waits_double_up_to_the_most_and_begin_anew_after_a_success():
    backoff = Backoff(first=0.5, most=3)
    assert [backoff.next() for _ in range(5)] == [0.5, 1, 2, 3, 3]
    backoff.reset()
    assert backoff.next() == 0.5


def test_stays_at_the_most_for_ever():
    backoff = Backoff()
    for _ in range(5000):
        wait = backoff.next()
    assert wait == 30


def test_first_wait_is_never_over_the_most():
    assert Backoff(first=10, most=3).next() == 3
