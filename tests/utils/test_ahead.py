"""Drawing items in a thread ahead of their use."""
import threading

import pytest

from mmstep.utils import ahead


def test_items_come_in_their_order_and_no_more_than_asked_for_are_drawn():
    drawn = []

    def items():
        for number in range(6):
            drawn.append(number)
            yield number

    taken = []
    for number in ahead(items(), 2):
        taken.append(number)
        assert len(drawn) <= len(taken) + 2
    assert taken == drawn == list(range(6))


def test_the_next_item_is_drawn_while_the_present_one_is_used():
    begun = threading.Event()

    def items():
        yield 0
        begun.set()
        yield 1

    found = ahead(items(), 1)
    assert next(found) == 0
    assert begun.wait(10)
    assert list(found) == [1]


def test_an_exception_comes_where_its_item_would():

    def items():
        yield 'a'
        raise KeyError('damaged')

    found = ahead(items(), 5)
    assert next(found) == 'a'
    with pytest.raises(KeyError, match='damaged'):
        next(found)


def test_what_is_drawn_from_is_closed_when_the_caller_stops():
    threads, closed = set(), []

    def items():
        try:
            while True:
                threads.add(threading.current_thread())
                yield
        finally:
            closed.append(threading.current_thread())

    found = ahead(items(), 3)
    next(found)
    found.close()
    thread, = threads
    assert closed == [thread] and not thread.is_alive()
