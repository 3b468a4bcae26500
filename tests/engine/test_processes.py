"""Starting the processes of a run, and what they have to agree on."""
import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from mmengine.config import Config

from mmstep.engine.processes import LAUNCHER_PID, agree_on_file, set_up_processes, start_cpu_processes
from mmstep.errors import LaunchError


def test_slurm_needs_a_gpu(monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    with pytest.raises(LaunchError, match='--launcher slurm needs a GPU'):
        set_up_processes(Config(dict()), 'slurm')
    with pytest.raises(LaunchError, match='--launcher mpi needs a GPU'):
        start_cpu_processes('mpi')


@pytest.mark.parametrize('cuda', [True, False])
def test_one_process_starts_none(cuda, monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: cuda)
    monkeypatch.setattr('mmstep.engine.processes.init_dist', lambda *_, **__: pytest.fail('started'))
    cfg = Config(dict())
    set_up_processes(cfg, 'none')
    assert cfg.launcher == 'none' and 'model_wrapper_cfg' not in cfg


def test_gpu_processes_are_numbered_before_anything_asks_for_their_numbers(monkeypatch):
    """Otherwise each takes itself for the first one, and for the only one that makes up the batch."""
    started = []
    monkeypatch.setattr('torch.cuda.is_available', lambda: True)
    monkeypatch.setattr('mmstep.engine.processes.set_multi_processing', lambda **options: started.append(options))
    monkeypatch.setattr('mmstep.engine.processes.init_dist', lambda *words, **options: started.append(
        (words, options)))
    cfg = Config(dict(env_cfg=dict(mp_cfg=dict(mp_start_method='fork'), dist_cfg=dict(backend='nccl', timeout=7200))))
    set_up_processes(cfg, 'slurm')
    assert started == [
        dict(mp_start_method='fork', distributed=True), (('slurm', ), dict(backend='nccl', timeout=7200))
    ]
    assert cfg.launcher == 'slurm' and 'model_wrapper_cfg' not in cfg


def test_a_file_that_a_machine_does_not_have(monkeypatch, tmp_path):
    (tmp_path / 'iter_4.pth').touch()
    assert agree_on_file(None) is None
    assert agree_on_file(str(tmp_path / 'iter_4.pth')) == str(tmp_path / 'iter_4.pth')
    monkeypatch.setattr('socket.gethostname', lambda: 'second')
    with pytest.raises(LaunchError, match='iter_8.pth is not on second: the working directory has to lie on a file'):
        agree_on_file(str(tmp_path / 'iter_8.pth'))


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
