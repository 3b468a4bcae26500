"""The effective batch of a training and its learning rates, for 1, 4 and 8 processes."""
import pytest
from mmengine.config import Config

from mmstep.engine.batch_size import set_batch_size


def config(enable=False, **optim_wrapper):
    return Config(
        dict(
            train_dataloader=dict(batch_size=1),
            auto_scale_lr=dict(enable=enable, base_batch_size=4),
            optim_wrapper=dict(optimizer=dict(lr=5e-5), **optim_wrapper)))


@pytest.mark.parametrize('processes, counts', [(1, 4), (2, 2), (3, 1), (4, 1), (8, 1)])
def test_iterations_are_accumulated_up_to_the_batch_of_the_config(processes, counts):
    cfg = config()
    set_batch_size(cfg, processes)
    assert cfg.optim_wrapper.get('accumulative_counts', 1) == counts
    assert not cfg.auto_scale_lr.enable  # the rates stay


@pytest.mark.parametrize('processes, scale', [(1, 1), (3, .75), (4, 1), (8, 2)])
def test_scaled_rates_are_those_of_the_effective_batch(processes, scale):
    cfg = config(enable=True)
    set_batch_size(cfg, processes)
    # MMEngine multiplies the rates by windows of an iteration / base_batch_size.
    assert processes / cfg.auto_scale_lr.base_batch_size == scale


def test_accumulation_of_the_config_is_kept_and_counted():
    cfg = config(enable=True, accumulative_counts=2)
    set_batch_size(cfg, 4)
    assert cfg.optim_wrapper.accumulative_counts == 2 and 4 / cfg.auto_scale_lr.base_batch_size == 2


def test_a_config_without_a_base_stays_as_it_is():
    cfg = config()
    cfg.auto_scale_lr = None
    set_batch_size(cfg, 1)
    assert 'accumulative_counts' not in cfg.optim_wrapper
