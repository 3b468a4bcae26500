"""What a file says fits on a line of a message."""
import numpy as np
import pytest

from mmstep.utils.quoting import is_one_line, one_line


@pytest.mark.parametrize(
    'value, text', [
        ('walk', 'walk'),
        ('a\nb\x1b[2J\u2028', r'a\nb\x1b[2J\u2028'),
        ('caf\udce9', 'caf\udce9'),
        ('x' * 100, 'x' * 77 + '...'),
        ((1, 'a'), "(1, 'a')"),
        (np.zeros((2, 1)), 'array([[0.], [0.]])'),
        ([[[[[1]]]]], '[[[[...]]]]'),
    ],
    ids=lambda part: 'x')
def test_one_line(value, text):
    assert one_line(value) == text


def test_lists_without_end():
    value = [1]
    for _ in range(60):
        value = [value, value, value]
    assert len(one_line(value)) <= 80


def test_is_one_line():
    assert all(map(is_one_line, ['', 'a b', 'längst', 'caf\udce9', '\u00a0']))
    assert not any(map(is_one_line, ['a\n', '\r', '\x1b', '\x00', '\u2029', '\x85', '\x7f']))


def test_an_integer_that_python_does_not_print():
    assert one_line(1 << 20000) == '<int>'
