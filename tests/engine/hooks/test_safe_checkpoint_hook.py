"""Checkpoints that survive a kill."""
import pytest
import torch
from mmaction.registry import HOOKS

from mmstep.engine.hooks import SafeCheckpointHook


def names(folder):
    return sorted(p.name for p in folder.iterdir() if '.pth' in p.name)


def test_registered():
    assert HOOKS.get('SafeCheckpointHook') is SafeCheckpointHook


def test_keeps_the_newest(make_runner, tmp_path):
    make_runner(tmp_path, 6).train()
    assert names(tmp_path) == ['iter_6.pth']
    assert (tmp_path / 'last_checkpoint').read_text() == str(tmp_path / 'iter_6.pth')
    assert torch.load(tmp_path / 'iter_6.pth')['meta']['iter'] == 6


def test_keeps_two(make_runner, tmp_path):
    make_runner(tmp_path, 6, dict(type='SafeCheckpointHook', by_epoch=False, interval=2, max_keep_ckpts=2)).train()
    assert names(tmp_path) == ['iter_4.pth', 'iter_6.pth']


def test_broken_off_while_writing(make_runner, tmp_path, monkeypatch):
    from mmengine.runner import runner as module
    original = module.save_checkpoint

    def write_half(checkpoint, filename, **kwargs):
        if 'iter_4' not in filename:
            return original(checkpoint, filename, **kwargs)
        with open(filename, 'wb') as file:
            file.write(b'PK half a file')
        raise KeyboardInterrupt

    monkeypatch.setattr(module, 'save_checkpoint', write_half)
    with pytest.raises(KeyboardInterrupt):
        make_runner(tmp_path, 6).train()
    assert (tmp_path / 'last_checkpoint').read_text() == str(tmp_path / 'iter_2.pth')
    assert torch.load(tmp_path / 'iter_2.pth')['meta']['iter'] == 2
    assert names(tmp_path) == ['iter_2.pth']

    monkeypatch.undo()
    (tmp_path / '.iter_4.0123456789ab.part.pth').write_bytes(b'PK half a file')  # what a kill leaves
    make_runner(tmp_path, 6, resume=True).train()
    assert names(tmp_path) == ['iter_6.pth']
