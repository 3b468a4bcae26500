"""Bfloat16 training on the CPU."""
import torch
from mmaction.registry import OPTIM_WRAPPERS

from mmstep.engine.optim_wrapper import BF16OptimWrapper


def test_registered():
    assert OPTIM_WRAPPERS.get('BF16OptimWrapper') is BF16OptimWrapper


def test_bfloat16_on_the_cpu(make_runner, tmp_path):
    wrapper = dict(type='BF16OptimWrapper', optimizer=dict(type='AdamW'), clip_grad=dict(max_norm=1))
    runner = make_runner(tmp_path, 2, optim_wrapper=wrapper)
    before = runner.model.fc.weight.clone()
    runner.train()
    assert runner.model.dtypes == [torch.bfloat16] * 2
    assert runner.model.fc.weight.dtype == torch.float32
    assert not torch.equal(runner.model.fc.weight, before)
