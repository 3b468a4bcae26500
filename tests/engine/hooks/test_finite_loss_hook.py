"""Losses and gradients that are not finite end a training before its weights are saved."""
from types import SimpleNamespace

import pytest
import torch
from mmaction.registry import HOOKS
from mmengine.hooks import Hook

from mmstep.engine.hooks import FiniteLossHook
from mmstep.errors import LaunchError

FINITE_LOSS = dict(type='FiniteLossHook')


class Spoil(Hook):
    """From the third iteration on a part of the loss, or the gradient alone, is not finite."""

    def __init__(self, part):
        self.part = part

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter != 2:
            return
        if self.part == 'gradient':
            runner.model.fc.weight.register_hook(lambda gradient: gradient * float('nan'))
            return
        forward = runner.model.forward

        def spoilt(*args, **kwargs):
            return {**forward(*args, **kwargs), 's2.loss_bbox': runner.model.fc.weight.sum() * float('nan')}

        runner.model.forward = spoilt


def test_registered():
    assert HOOKS.get('FiniteLossHook') is FiniteLossHook


@pytest.mark.parametrize('part, said', [('loss', 's2.loss_bbox is nan'), ('gradient', 'grad_norm is nan')])
def test_stops_before_the_save(make_runner, tmp_path, part, said):
    wrapper = dict(optimizer=dict(type='SGD', lr=1e-3), clip_grad=dict(max_norm=1))
    hook = dict(type='SafeCheckpointHook', by_epoch=False, interval=1)
    runner = make_runner(tmp_path, 6, hook, optim_wrapper=wrapper, custom_hooks=[FINITE_LOSS, Spoil(part)])
    message = rf'Training stopped at iteration 3 \(epoch 1\): {said}.*Nothing was saved.*iter_2\.pth\.'
    with pytest.raises(LaunchError, match=message) as error:
        runner.train()
    assert '\n' not in str(error.value)
    assert sorted(p.name for p in tmp_path.glob('*.pth')) == ['iter_1.pth', 'iter_2.pth']


def test_windows_are_named(make_runner, tmp_path):
    runner = make_runner(tmp_path, 2)
    runner.train()
    samples = [SimpleNamespace(video_id='kitchen', timestamp=904), SimpleNamespace(img_key='b,3')]
    runner.message_hub.update_scalar('train/loss', float('inf'))
    with pytest.raises(LaunchError, match='loss is inf, of the windows kitchen at 904; b,3. '):
        FiniteLossHook().after_train_iter(runner, 0, dict(data_samples=samples), dict(loss=torch.tensor(1.)))
