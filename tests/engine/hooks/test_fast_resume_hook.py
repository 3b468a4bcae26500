"""Resuming without reading what was read before."""
from mmaction.registry import HOOKS

from mmstep.engine.hooks import FastResumeHook


def test_registered():
    assert HOOKS.get('FastResumeHook') is FastResumeHook


def test_resumed_training_reads_on_where_it_stopped(make_runner, tmp_path):
    whole = make_runner(tmp_path / 'whole', 30)
    whole.train()
    order = whole.train_dataloader.dataset.read
    assert len(order) == 60 and order[:20] != order[20:40]

    make_runner(tmp_path / 'part', 16).train()
    rest = make_runner(tmp_path / 'part', 30, resume=True, custom_hooks=[dict(type='FastResumeHook')])
    rest.train()
    assert rest.iter == 30
    assert rest.train_dataloader.dataset.read == order[32:]


def test_other_samplers_are_left_alone(make_runner, tmp_path):
    make_runner(tmp_path, 4, sampler='DefaultSampler').train()
    rest = make_runner(tmp_path, 6, sampler='DefaultSampler', resume=True, custom_hooks=[dict(type='FastResumeHook')])
    rest.train()
    assert len(rest.train_dataloader.dataset.read) == 12  # MMEngine's way: all are read again
