"""Checkpoints that survive a kill, resuming without reading, and bfloat16 training on the CPU."""
import itertools

import pytest
import torch
from mmaction.registry import HOOKS, OPTIM_WRAPPERS
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import Dataset

from mmstep.engine.hooks import FastResumeHook, SafeCheckpointHook
from mmstep.engine.optim_wrapper import BF16OptimWrapper

NAMES = (f'test_hooks_{i}' for i in itertools.count())


class Numbers(Dataset):
    """The numbers 0..19; remembers which were read."""

    def __init__(self):
        self.read = []

    def __len__(self):
        return 20

    def __getitem__(self, index):
        self.read.append(index)
        return dict(inputs=torch.full((2, ), float(index)))


class Line(BaseModel):

    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(2, 1)
        self.dtypes = []

    def forward(self, inputs, mode='tensor'):
        out = self.fc(torch.stack(list(inputs)))
        self.dtypes.append(out.dtype)
        return dict(loss=out.float().square().mean())


def make_runner(folder, max_iters, hook=None, sampler='InfiniteSampler', **kwargs):
    return Runner(
        model=Line(),
        work_dir=str(folder),
        train_dataloader=dict(
            dataset=Numbers(), batch_size=2, num_workers=0, sampler=dict(type=sampler, shuffle=True)),
        train_cfg=dict(type='IterBasedTrainLoop', max_iters=max_iters),
        optim_wrapper=kwargs.pop('optim_wrapper', dict(optimizer=dict(type='SGD', lr=1e-3))),
        default_hooks=dict(
            logger=None,
            checkpoint=hook or dict(type='SafeCheckpointHook', by_epoch=False, interval=2, max_keep_ckpts=1)),
        randomness=dict(seed=3),
        default_scope='mmaction',
        log_level='ERROR',
        experiment_name=next(NAMES),
        **kwargs)


def names(folder):
    return sorted(p.name for p in folder.iterdir() if '.pth' in p.name)


def test_registered():
    assert HOOKS.get('SafeCheckpointHook') is SafeCheckpointHook and HOOKS.get('FastResumeHook') is FastResumeHook
    assert OPTIM_WRAPPERS.get('BF16OptimWrapper') is BF16OptimWrapper


def test_keeps_the_newest(tmp_path):
    make_runner(tmp_path, 6).train()
    assert names(tmp_path) == ['iter_6.pth']
    assert (tmp_path / 'last_checkpoint').read_text() == str(tmp_path / 'iter_6.pth')
    assert torch.load(tmp_path / 'iter_6.pth')['meta']['iter'] == 6


def test_keeps_two(tmp_path):
    make_runner(tmp_path, 6, dict(type='SafeCheckpointHook', by_epoch=False, interval=2, max_keep_ckpts=2)).train()
    assert names(tmp_path) == ['iter_4.pth', 'iter_6.pth']


def test_broken_off_while_writing(tmp_path, monkeypatch):
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
    assert names(tmp_path) == ['iter_2.pth', 'iter_4.pth.partial']

    monkeypatch.undo()
    make_runner(tmp_path, 6, resume=True).train()
    assert names(tmp_path) == ['iter_6.pth']


def test_resumed_training_reads_on_where_it_stopped(tmp_path):
    whole = make_runner(tmp_path / 'whole', 30)
    whole.train()
    order = whole.train_dataloader.dataset.read
    assert len(order) == 60 and order[:20] != order[20:40]

    make_runner(tmp_path / 'part', 16).train()
    rest = make_runner(tmp_path / 'part', 30, resume=True, custom_hooks=[dict(type='FastResumeHook')])
    rest.train()
    assert rest.iter == 30
    assert rest.train_dataloader.dataset.read == order[32:]


def test_other_samplers_are_left_alone(tmp_path):
    make_runner(tmp_path, 4, sampler='DefaultSampler').train()
    rest = make_runner(tmp_path, 6, sampler='DefaultSampler', resume=True, custom_hooks=[dict(type='FastResumeHook')])
    rest.train()
    assert len(rest.train_dataloader.dataset.read) == 12  # MMEngine's way: all are read again


def test_bfloat16_on_the_cpu(tmp_path):
    wrapper = dict(type='BF16OptimWrapper', optimizer=dict(type='AdamW'), clip_grad=dict(max_norm=1))
    runner = make_runner(tmp_path, 2, optim_wrapper=wrapper)
    before = runner.model.fc.weight.clone()
    runner.train()
    assert runner.model.dtypes == [torch.bfloat16] * 2
    assert runner.model.fc.weight.dtype == torch.float32
    assert not torch.equal(runner.model.fc.weight, before)
