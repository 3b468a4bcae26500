"""Weights that hold NaN or an infinity are named."""
import pytest
import torch

from mmstep.checkpoints import list_nonfinite, require_finite
from mmstep.errors import LaunchError


def test_names_of_all_depths():
    bad = torch.tensor([1., float('nan')])
    tensors = dict(a=torch.ones(2), b=[dict(c=bad), (torch.tensor([2]), bad)], d=None, e=1e400, empty=torch.zeros(0))
    assert list_nonfinite(tensors) == ['b.0.c', 'b.1.1']
    assert list_nonfinite({}) == []


def test_message_counts_and_names():
    weights = {name: torch.tensor([float('inf')]) for name in 'abcde'}
    require_finite(dict(good=torch.ones(2)), 'x.pth')
    with pytest.raises(
            LaunchError, match='x.pth holds weights that are not finite .5 of 5 tensors: a, b, c and 2 more'):
        require_finite(weights, 'x.pth')
