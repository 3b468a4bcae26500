"""Weights in whatever a program wraps around them."""
import os

import pytest
import torch

from mmstep.checkpoints import found_by_mmengine, read_checkpoint, require_found_by_runner, unwrap
from mmstep.errors import LaunchError

PART = {'a': torch.zeros(2), 'b.c': torch.ones(1)}


def prefixed(prefix, **more):
    return {**{prefix + name: weight for name, weight in PART.items()}, **more}


@pytest.mark.parametrize('content, mmengine', [
    (PART, True),
    (dict(state_dict=PART, meta={}), True),
    (dict(state_dict=prefixed('module.'), ema_state_dict=prefixed('module.')), True),
    (dict(model=PART, epoch=3), False),
    (dict(state_dict=prefixed('_orig_mod.')), False),
    (dict(model_state=prefixed('module._orig_mod.')), False),
    (prefixed('_orig_mod.module.'), False),
    (dict(ema_state_dict=prefixed('module.', steps=torch.tensor(7))), False),
])
def test_forms(content, mmengine):
    assert unwrap(content) == PART and found_by_mmengine(content) == mmengine


def test_a_prefix_of_some_names_only_stays():
    assert list(unwrap({'module.a': PART['a'], 'b': PART['a']})) == ['module.a', 'b']


@pytest.mark.parametrize('content', [{}, [], 'text', dict(epoch=1), dict(state_dict={}), dict(model=dict(a=1))])
def test_no_weights(content):
    assert unwrap(content) is None and not found_by_mmengine(content)


def test_what_the_runner_would_not_find(tmp_path):
    path = str(tmp_path / 'x.pth')
    torch.save(dict(model=PART, epoch=3), path)
    with pytest.raises(LaunchError, match=r'x\.pth keeps its weights where MMEngine does not look.*unwrap'):
        require_found_by_runner(read_checkpoint(path), path)


def test_a_malicious_file_is_refused_with_what_it_asks_for(tmp_path):

    class Runs:

        def __reduce__(self):
            return os.system, (f'touch {tmp_path}/ran', )

    torch.save(dict(state_dict=PART, extra=Runs()), tmp_path / 'x.pth')
    with pytest.raises(LaunchError, match=r'x\.pth asks for (posix|nt)\.system, which no weight file needs'):
        read_checkpoint(str(tmp_path / 'x.pth'))
    assert not (tmp_path / 'ran').exists()
