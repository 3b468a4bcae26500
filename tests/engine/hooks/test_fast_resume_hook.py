"""A training that was broken off and resumed ends as an unbroken one does, to the bit."""
import pytest
import torch
from mmaction.registry import HOOKS
from mmengine.hooks import Hook

from mmstep.engine.hooks import FastResumeHook

FAST_RESUME = dict(type='FastResumeHook')
ADAM = dict(optimizer=dict(type='AdamW', lr=1e-2), clip_grad=dict(max_norm=1))


class Kill(Hook):
    """Ends a training after an iteration, once its checkpoint is written."""
    priority = 'LOWEST'

    def __init__(self, iteration):
        self.iteration = iteration

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if runner.iter + 1 == self.iteration:
            raise KeyboardInterrupt


def weights(runner):
    state = {f'optimizer.{k}': v for k, v in runner.optim_wrapper.state_dict()['state'].items()}
    return runner.model.state_dict(), state


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for key, value in one.items():
        if isinstance(value, dict):
            assert_equal(value, other[key])
        else:
            assert torch.equal(value, other[key]), key


def test_registered():
    assert HOOKS.get('FastResumeHook') is FastResumeHook


def test_resumed_training_reads_on_where_it_stopped(make_runner, tmp_path):
    whole = make_runner(tmp_path / 'whole', 30, custom_hooks=[FAST_RESUME])
    whole.train()
    order = whole.train_dataloader.dataset.read
    assert len(order) == 60 and order[:20] != order[20:40]

    make_runner(tmp_path / 'part', 16, custom_hooks=[FAST_RESUME]).train()
    rest = make_runner(tmp_path / 'part', 30, resume=True, custom_hooks=[FAST_RESUME])
    rest.train()
    assert rest.iter == 30
    assert rest.train_dataloader.dataset.read == order[32:]


@pytest.mark.parametrize('loop', [
    dict(max_iters=25),
    dict(max_iters=25, sampler='DefaultSampler'),
    dict(max_iters=None, epochs=3, sampler='DefaultSampler'),
    dict(max_iters=None, epochs=3, sampler='DefaultSampler', optim_wrapper=dict(ADAM, accumulative_counts=4)),
])
@pytest.mark.parametrize('killed', [13, 20])
def test_killed_and_resumed_is_unbroken_to_the_bit(make_runner, tmp_path, monkeypatch, loop, killed):
    """Killed within a pass over the 20 numbers, between two passes, and in the middle of an accumulation."""
    monkeypatch.setattr('time.sleep', lambda seconds: None)  # MMEngine waits between two passes
    checkpoint = dict(type='SafeCheckpointHook', by_epoch=False, interval=3 if killed == 13 else 2, max_keep_ckpts=2)
    common = dict(dict(optim_wrapper=ADAM), hook=checkpoint, **loop)
    common['optim_wrapper'] = {**common['optim_wrapper'], 'clip_grad': dict(max_norm=1)}
    whole = make_runner(tmp_path / 'whole', custom_hooks=[FAST_RESUME], **common)
    whole.train()
    with pytest.raises(KeyboardInterrupt):
        make_runner(tmp_path / 'part', custom_hooks=[FAST_RESUME, Kill(killed)], **common).train()
    torch.manual_seed(99)  # whatever came before
    rest = make_runner(tmp_path / 'part', resume=True, custom_hooks=[FAST_RESUME], **common)
    rest.train()
    assert rest.iter == whole.iter and len(rest.train_dataloader.dataset.read) < 2 * (whole.iter - killed + 3)
    for one, other in zip(weights(whole), weights(rest)):
        assert_equal(one, other)


@pytest.mark.slow
@pytest.mark.parametrize('loop', [dict(max_iters=12), dict(max_iters=None, epochs=2, sampler='DefaultSampler')])
def test_number_of_workers_changes_nothing(make_runner, tmp_path, loop):
    runs = [make_runner(tmp_path / str(n), workers=n, custom_hooks=[FAST_RESUME], **loop) for n in (0, 1, 3)]
    for run in runs:
        run.train()
        assert_equal(weights(run)[0], weights(runs[0])[0])


def test_resumed_epoch_counts_its_batches_from_where_it_stopped(make_runner, tmp_path):
    seen = []

    class Note(Hook):

        def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
            seen.append((runner.epoch, batch_idx))

    common = dict(max_iters=None, epochs=2, sampler='DefaultSampler')
    with pytest.raises(KeyboardInterrupt):
        make_runner(tmp_path, custom_hooks=[FAST_RESUME, Kill(6)], **common).train()
    make_runner(tmp_path, resume=True, custom_hooks=[FAST_RESUME, Note()], **common).train()
    assert seen == [(0, batch) for batch in range(6, 10)] + [(1, batch) for batch in range(10)]


def test_other_number_of_processes_goes_on_at_the_same_part_of_the_epoch(make_runner, tmp_path):
    """Half of an epoch of 10 batches is half of one of 5, as with twice the processes."""
    common = dict(max_iters=None, epochs=2, sampler='DefaultSampler', custom_hooks=[FAST_RESUME, Kill(16)])
    with pytest.raises(KeyboardInterrupt):
        make_runner(tmp_path, **common).train()
    path = tmp_path / 'iter_16.pth'
    checkpoint = torch.load(path)
    assert checkpoint['meta']['epoch_length'] == 10
    checkpoint['meta'].update(epoch_length=20, iter=32)
    torch.save(checkpoint, path)
    rest = make_runner(tmp_path, resume=True, **dict(common, custom_hooks=[FAST_RESUME]))
    rest.train()
    assert len(rest.train_dataloader.dataset.read) == 8 and rest.iter == 20


def test_run_without_a_seed_keeps_its_order(make_runner, tmp_path):
    """MMEngine draws a seed then, and builds the sampler before it has read the checkpoint."""
    make_runner(tmp_path, 4, custom_hooks=[FAST_RESUME], randomness=dict(seed=77)).train()
    rest = make_runner(tmp_path, 6, resume=True, custom_hooks=[FAST_RESUME], randomness=dict(seed=None))
    rest.train()
    assert rest.train_dataloader.sampler.seed == 77
