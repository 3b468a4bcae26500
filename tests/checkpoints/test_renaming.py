"""Renaming by rules."""
import pytest
import torch

from mmstep.checkpoints import rename, with_rest


def numbers(*names):
    return {name: torch.zeros(2) for name in names}


def test_first_rule_wins_and_the_rest_is_listed():
    weights = numbers('a.weight', 'b.weight', 'c.weight', 'head.bias')
    renamed = rename(weights, [(r'a\.(.*)', r'x.\1'), (r'[ab]\.(.*)', r'y.\1')], leave_out=r'head\..*')
    assert renamed.sources == {'x.weight': 'a.weight', 'y.weight': 'b.weight'}
    assert renamed.unknown == ['c.weight'] and renamed.left_out == ['head.bias']
    assert list(with_rest(renamed, weights)) == ['x.weight', 'y.weight', 'head.bias', 'c.weight']


def test_patterns_are_of_whole_names():
    assert rename(numbers('a.weight.old'), [(r'a\.weight', 'x')]).unknown == ['a.weight.old']


def test_two_weights_of_one_name():
    with pytest.raises(ValueError, match='b.weight and a.weight are both x'):
        rename(numbers('a.weight', 'b.weight'), [(r'.*', 'x')])


def test_nothing_to_rename():
    assert rename({}, []) == ({}, {}, [], [])
