"""Checkpoints that survive a kill."""
import os
import shutil

import pytest
import torch
from helpers.small_training import Numbers
from mmaction.registry import HOOKS
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook

from mmstep.engine.hooks import SafeCheckpointHook
from mmstep.errors import LaunchError


def names(folder):
    return sorted(p.name for p in folder.iterdir() if '.pth' in p.name)


def test_registered():
    assert HOOKS.get('SafeCheckpointHook') is SafeCheckpointHook


def test_keeps_the_newest(make_runner, tmp_path):
    make_runner(tmp_path, 6).train()
    assert names(tmp_path) == ['iter_6.pth']
    assert (tmp_path / 'last_checkpoint').read_text() == 'iter_6.pth'
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
    assert (tmp_path / 'last_checkpoint').read_text() == 'iter_2.pth'
    assert torch.load(tmp_path / 'iter_2.pth')['meta']['iter'] == 2
    assert names(tmp_path) == ['iter_2.pth']

    monkeypatch.undo()
    (tmp_path / '.iter_4.0123456789ab.part.pth').write_bytes(b'PK half a file')  # what a kill leaves
    make_runner(tmp_path, 6, resume=True).train()
    assert names(tmp_path) == ['iter_6.pth']


def test_weights_that_are_not_finite_are_not_saved(make_runner, tmp_path):

    class Spoil(Hook):

        def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
            if runner.iter == 2:
                runner.model.fc.weight.data.fill_(float('nan'))

    with pytest.raises(LaunchError, match=r'stopped at iteration 4: .*not finite .*fc.weight'):
        make_runner(tmp_path, 6, custom_hooks=[Spoil()]).train()
    assert names(tmp_path) == ['iter_2.pth']


def test_copied_folder_resumes_from_itself(make_runner, tmp_path):
    make_runner(tmp_path / 'one', 4).train()
    shutil.copytree(tmp_path / 'one', tmp_path / 'two')
    make_runner(tmp_path / 'two', 6, resume=True).train()
    assert names(tmp_path / 'one') == ['iter_4.pth'] and names(tmp_path / 'two') == ['iter_6.pth']


def test_epochs_are_saved_inside_as_well(make_runner, tmp_path):
    hook = dict(type='SafeCheckpointHook', interval=1, iter_interval=3, max_keep_ckpts=1)
    there = []

    class Look(Hook):
        priority = 'LOWEST'

        def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
            there.append((names(tmp_path), (tmp_path / 'last_checkpoint').read_text() if batch_idx > 2 else ''))

    make_runner(tmp_path, None, hook, epochs=2, sampler='DefaultSampler', custom_hooks=[Look()]).train()
    assert there[0][0] == [] and there[2] == (['iter_3.pth'], '')
    assert there[9] == (['iter_9.pth'], 'iter_9.pth')
    assert there[14] == (['epoch_1.pth', 'iter_15.pth'], 'iter_15.pth')
    assert (tmp_path / 'last_checkpoint').read_text() == 'epoch_2.pth'
    assert names(tmp_path) == ['epoch_2.pth', 'iter_18.pth']


class Metric(BaseMetric):
    """The mean of what the model says."""

    def process(self, data_batch, data_samples):
        self.results += [sample['value'] for sample in data_samples]

    def compute_metrics(self, results):
        if self.prefix == 'fails':
            raise RuntimeError('the process group timed out')
        return dict(mAP=sum(results) / len(results))


def validation(prefix, **loop):
    loader = dict(dataset=Numbers(), batch_size=4, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False))
    return dict(val_dataloader=loader, val_cfg=dict(), val_evaluator=[Metric(prefix=prefix)])


@pytest.mark.parametrize('loop, saved', [(dict(max_iters=5), 'iter_5.pth'),
                                         (dict(max_iters=None, epochs=1, sampler='DefaultSampler'), 'epoch_1.pth')])
def test_saved_before_a_validation(make_runner, tmp_path, loop, saved):
    """So that nothing is lost where scoring takes too long or fails."""
    hook = dict(type='SafeCheckpointHook', by_epoch='epochs' in loop, interval=100, save_last=False)
    with pytest.raises(RuntimeError, match='timed out'):
        make_runner(tmp_path, hook=hook, **validation('fails'), **loop).train()
    assert names(tmp_path) == [saved] and (tmp_path / 'last_checkpoint').read_text() == saved


def test_best_of_a_copied_folder_is_its_own(make_runner, tmp_path):
    hook = dict(type='SafeCheckpointHook', by_epoch=False, interval=2, save_best='a/mAP', rule='less')
    make_runner(tmp_path / 'one', 2, hook, **validation('a')).train()
    best = [name for name in names(tmp_path / 'one') if name.startswith('best')]
    shutil.copytree(tmp_path / 'one', tmp_path / 'two')
    make_runner(tmp_path / 'two', 8, hook, resume=True, **validation('a')).train()
    assert best and [name for name in names(tmp_path / 'one') if name.startswith('best')] == best


@pytest.mark.parametrize('figure', ['frameAP', 'overall'])  # of TubeMetric, of StepwiseAVAMetric
def test_best_is_chosen_by_the_last_step(make_runner, tmp_path, figure):
    hook = dict(type='SafeCheckpointHook', by_epoch=False, interval=2, save_best='auto')
    parts = validation('a')
    parts['val_evaluator'][0].compute_metrics = lambda results: {f'step1/{figure}': .3, f'step2/{figure}': .2}
    make_runner(tmp_path, 2, hook, **parts).train()
    assert f'best_a_step2_{figure}_iter_2.pth' in names(tmp_path)


@pytest.mark.parametrize('save_best', ['a/mAP', ['a/mAP', 'a/other']])
def test_best_is_written_aside_and_the_one_before_goes_last(make_runner, tmp_path, monkeypatch, save_best):
    from mmengine.runner import runner as module
    original, seen = module.save_checkpoint, []

    def look(checkpoint, filename, **kwargs):
        if os.path.basename(filename).startswith('.best_'):
            seen.append([name for name in names(tmp_path) if name.startswith('best_')])
        original(checkpoint, filename, **kwargs)

    monkeypatch.setattr(module, 'save_checkpoint', look)
    hook = dict(type='SafeCheckpointHook', by_epoch=False, interval=2, save_best=save_best, rule='greater')
    parts = validation('a')
    figures = iter([.1, .3])
    parts['val_evaluator'][0].compute_metrics = lambda results: dict(mAP=next(figures), other=.5)
    loop = dict(type='IterBasedTrainLoop', max_iters=4, val_interval=2)
    make_runner(tmp_path, 4, hook, train_cfg=loop, **parts).train()
    assert [name for name in seen[-1] if 'mAP' in name] == ['best_a_mAP_iter_2.pth']
    best = [name for name in names(tmp_path) if name.startswith('best_')]
    assert best == ['best_a_mAP_iter_4.pth', 'best_a_other_iter_2.pth'][:len(best)] and torch.load(tmp_path / best[0])
    hub = torch.load(tmp_path / 'iter_4.pth', weights_only=False)['message_hub']['runtime_info']
    assert [value for key, value in hub.items() if key.startswith('best_ckpt')][0].endswith(best[0])
