"""Tests of mmstep.engine.processes: starting the processes of a run where MMEngine cannot: on the CPU."""
import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from mmengine.config import Config

from mmstep.engine.processes import LAUNCHER_PID, set_up_processes, start_cpu_processes
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
    monkeypatch.setattr('mmstep.engine.processes.end_with_launcher', lambda: None)
    monkeypatch.setattr('torch.distributed.init_process_group', lambda backend, timeout: started.append(
        (backend, timeout)))
    cfg = Config(
        dict(
            env_cfg=dict(dist_cfg=dict(backend='nccl', timeout=7200)),
            model_wrapper_cfg=dict(find_unused_parameters=True, device_ids=[0])))
    set_up_processes(cfg, 'pytorch')
    assert started == [('gloo', timedelta(hours=2))]
    assert cfg.model_wrapper_cfg.device_ids is None and cfg.model_wrapper_cfg.find_unused_parameters


@pytest.mark.slow
def test_processes_of_a_killed_launcher_end(tmp_path):
    """The launcher is killed; its process, which would sleep for minutes, ends by itself."""
    child = ('import os, time; from mmstep.engine.processes import end_with_parent; end_with_parent(.1); '
             f'open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid())); time.sleep(600)')
    launcher = f'import subprocess, sys; subprocess.run([sys.executable, "-c", {child!r}])'
    process = subprocess.Popen([sys.executable, '-c', launcher])
    deadline = time.time() + 120
    while time.time() < deadline and not ((tmp_path / 'pid').exists() and (tmp_path / 'pid').read_text()):
        time.sleep(.1)
    pid = int((tmp_path / 'pid').read_text())
    process.kill()
    process.wait()
    while time.time() < deadline and os.path.exists(f'/proc/{pid}') and ') Z' not in open(f'/proc/{pid}/stat').read():
        time.sleep(.1)
    assert time.time() < deadline


@pytest.mark.slow
def test_processes_whose_launcher_ended_before_them_end():
    """As those of a launcher that is killed while they import their libraries."""
    child = 'import os, time; from mmstep.engine.processes import end_with_launcher; ' \
        'end_with_launcher(); time.sleep(300)'
    done = subprocess.run([sys.executable, '-c', child],
                          env={
                              **os.environ, LAUNCHER_PID: '999999999'
                          },
                          timeout=200,
                          capture_output=True,
                          text=True)
    assert done.returncode == 1 and 'has ended, so it ends, too' in done.stderr
