"""Renaming by rules, and the two-way comparison."""
import pytest
import torch

from mmstep.models.weights import fill_counters, list_differences, rename, with_rest


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


def test_differences_both_ways():
    wanted = dict(numbers('x.weight', 'x.bias'), **{'norm.num_batches_tracked': torch.tensor(0)})
    renamed = rename({
        'a.weight': torch.zeros(3),
        'b.bias': torch.zeros(2),
        'z': torch.zeros(1)
    }, [(r'([ab])\.(.*)', r'x\1.\2')])
    renamed = renamed._replace(
        weights={
            'x.weight': torch.zeros(3),
            'y.bias': torch.zeros(2)
        },
        sources={
            'x.weight': 'a.weight',
            'y.bias': 'b.bias'
        })
    assert list_differences(wanted, renamed) == [
        "1 of the model's 3 parameters and buffers are not in the file:", '    x.bias',
        '2 weights of the file have no place in the model:', '    z', '    b.bias', '1 weights have another shape:',
        '    a.weight 3: x.weight has 2'
    ]


def test_long_lists_are_cut():
    lines = list_differences({f'w{i}': torch.zeros(1) for i in range(30)}, rename({}, []))
    assert lines[-1] == '    ... and 22 more' and len(lines) == 10


def test_counters_of_old_files():
    wanted = {'norm.num_batches_tracked': torch.tensor(0, device='meta'), 'norm.weight': torch.zeros(2)}
    weights = numbers('norm.weight')
    assert list_differences(wanted, rename(weights, [('(.*)', r'\1')])) == []
    assert fill_counters(wanted, weights) == 1
    assert weights['norm.num_batches_tracked'].item() == 0 and fill_counters(wanted, weights) == 0
