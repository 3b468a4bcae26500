"""The effective batch of a training and its learning rates, for 1, 4 and 8 processes."""
import pytest
from mmengine.config import Config

from mmstep.engine.batch_size import set_batch_size


def config(**optim_wrapper):
    return Config(
        dict(
            train_dataloader=dict(batch_size=1),
            train_cfg=dict(max_epochs=10),
            auto_scale_lr=dict(enable=True, base_batch_size=4),
            optim_wrapper=dict(optimizer=dict(lr=5e-5), **optim_wrapper)))


@pytest.mark.parametrize('processes, counts, scale', [(1, 4, 1), (2, 2, 1), (3, 1, .75), (4, 1, 1), (8, 1, 2)])
def test_rates_are_those_of_the_effective_batch(processes, counts, scale):
    cfg = config()
    set_batch_size(cfg, processes)
    assert cfg.optim_wrapper.get('accumulative_counts', 1) == counts
    # MMEngine multiplies the rates by windows of an iteration / base_batch_size.
    assert processes / cfg.auto_scale_lr.base_batch_size == scale == processes * counts / 4


def test_accumulation_of_the_config_is_counted():
    cfg = config(accumulative_counts=2)
    set_batch_size(cfg, 4)
    assert cfg.optim_wrapper.accumulative_counts == 2 and 4 / cfg.auto_scale_lr.base_batch_size == 2


def test_nothing_changes_without_scaling():
    cfg = config()
    cfg.auto_scale_lr.enable = False
    set_batch_size(cfg, 1)
    assert 'accumulative_counts' not in cfg.optim_wrapper and cfg.auto_scale_lr.base_batch_size == 4
