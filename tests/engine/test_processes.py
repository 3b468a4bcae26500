"""Tests of mmstep.engine.processes: starting the processes of a run where MMEngine cannot: on the CPU."""
from datetime import timedelta

import pytest
from mmengine.config import Config

from mmstep.engine.processes import set_up_processes, start_cpu_processes
from mmstep.errors import LaunchError


def test_slurm_needs_a_gpu(monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    with pytest.raises(LaunchError, match='--launcher slurm needs a GPU'):
        set_up_processes(Config(dict()), 'slurm')
    with pytest.raises(LaunchError, match='--launcher mpi needs a GPU'):
        start_cpu_processes('mpi')


@pytest.mark.parametrize('launcher,cuda', [('none', False), ('slurm', True)])
def test_nothing_is_started_where_mmengine_can(launcher, cuda, monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: cuda)
    cfg = Config(dict())
    set_up_processes(cfg, launcher)
    assert cfg.launcher == launcher and 'model_wrapper_cfg' not in cfg


def test_cpu_processes_get_no_device(monkeypatch):
    started = []
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    monkeypatch.setattr('torch.distributed.init_process_group', lambda backend, timeout: started.append(
        (backend, timeout)))
    cfg = Config(
        dict(
            env_cfg=dict(dist_cfg=dict(backend='nccl', timeout=7200)),
            model_wrapper_cfg=dict(find_unused_parameters=True, device_ids=[0])))
    set_up_processes(cfg, 'pytorch')
    assert started == [('gloo', timedelta(hours=2))]
    assert cfg.model_wrapper_cfg.device_ids is None and cfg.model_wrapper_cfg.find_unused_parameters
