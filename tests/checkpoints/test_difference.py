"""The comparison of a file's weights with a model's, both ways."""
import torch

from mmstep.checkpoints import fill_counters, list_differences, rename


def test_differences_both_ways():
    wanted = {'x.weight': torch.zeros(2), 'x.bias': torch.zeros(2), 'norm.num_batches_tracked': torch.tensor(0)}
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
    weights = {'norm.weight': torch.zeros(2)}
    assert list_differences(wanted, rename(weights, [('(.*)', r'\1')])) == []
    assert fill_counters(wanted, weights) == 1
    assert weights['norm.num_batches_tracked'].item() == 0 and fill_counters(wanted, weights) == 0
