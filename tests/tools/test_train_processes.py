"""Trainings in several processes, and several trainings in one folder, as a user runs them."""
import os
import signal
import socket
import time

import pytest
import torch
from helpers.mini_forms import ROOT
from helpers.toy_training import command, run, write_toy

pytestmark = pytest.mark.slow
OF_TORCHRUN = ('Traceback', 'ChildFailedError', 'torch.distributed', 'exitcode')


@pytest.fixture
def toy(tmp_path):
    return write_toy(tmp_path)


def wait_for(path, seconds=200):
    deadline = time.time() + seconds
    while not path.exists():
        assert time.time() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize('rank, said', [(0, 'Error: the toy is broken'), (1, 'Error in process 1: the toy is broken')])
def test_a_failing_process_says_one_line(toy, rank, said):
    code, output = run(toy, 'dist_train.sh', 'toy_config.py', 2, TOY_FAILS=str(rank))
    assert code == 1
    lines = [line for line in output.splitlines() if 'broken' in line]
    assert lines == [said]
    assert not any(word in output for word in OF_TORCHRUN), output


def children(number):
    """Numbers of the processes that a process has started."""
    with open(f'/proc/{number}/task/{number}/children', encoding='utf-8') as file:
        return [int(word) for word in file.read().split()]


def test_a_killed_process_and_a_killed_launcher(toy):
    """Of the first the launcher says a line; after the second its processes end by themselves."""
    seen = toy / 'seen.txt'
    process = command(toy, 'dist_train.sh', 'toy_config.py', 2, TOY_DELAY='60')
    wait_for(seen)
    os.kill(children(process.pid)[1], signal.SIGKILL)
    output, _ = process.communicate(timeout=200)
    assert process.returncode == 1 and not any(word in output for word in OF_TORCHRUN), output
    assert 'Error: process 1 was ended by SIGKILL. Is the memory full?' in output

    seen.unlink()
    process = command(toy, 'dist_train.sh', 'toy_config.py', 2, TOY_DELAY='60')
    wait_for(seen)
    ranks = children(process.pid)
    process.kill()  # torchrun, which took the place of the script
    process.wait()
    deadline = time.time() + 30
    while any(os.path.exists(f'/proc/{rank}') for rank in ranks):
        assert len(ranks) == 2 and time.time() < deadline
        time.sleep(0.1)


def on_two_machines(toy, *words):
    """The script on what it takes for two machines, one process each; exit codes and outputs of both."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = str(free.getsockname()[1])
    of_both = dict(NNODES='2', MASTER_ADDR='127.0.0.1', PORT=port)
    second = command(toy, *words, NODE_RANK='1', **of_both)
    code, output = run(toy, *words, NODE_RANK='0', **of_both)
    later, _ = second.communicate(timeout=100)
    return (code, output), (second.returncode, later)


def test_two_machines_train_and_resume_as_one(toy):
    """Two machines with a process each give the weights of one machine with two, resumed on the way or not."""
    code, output = run(toy, 'dist_train.sh', 'toy_config.py', 2, '--work-dir', 'of_one')
    assert code == 0, output
    words = ['dist_train.sh', 'toy_config.py', 1, '--work-dir', 'of_two']
    runs = on_two_machines(toy, *words, '--cfg-options', 'train_cfg.max_iters=8', 'train_cfg.val_interval=8')
    assert [code for code, _ in runs] == [0, 0], runs
    runs = on_two_machines(toy, *words, '--resume')
    assert [code for code, _ in runs] == [0, 0], runs
    assert 'resumed epoch: 0, iter: 8' in runs[0][1]
    one, two = (
        torch.load(toy / folder / 'iter_12.pth', weights_only=False)['state_dict'] for folder in ('of_one', 'of_two'))
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize('env, message', [
    (dict(NNODES='two'), "NNODES must be a whole number from 1, got 'two'"),
    (dict(NNODES='2', NODE_RANK='2', MASTER_ADDR='host'), 'with NNODES=2 it is at most 1, got 2'),
    (dict(NNODES='2', MASTER_ADDR='host'), 'NNODES=2 needs NODE_RANK'),
    (dict(NNODES='2', NODE_RANK='0'), 'and MASTER_ADDR, the address of the machine with NODE_RANK=0'),
])
def test_machines_that_would_wait_for_each_other(toy, env, message):
    code, output = run(toy, 'dist_train.sh', 'toy_config.py', 1, **env)
    assert code == 2 and message in output and len(output.splitlines()) == 1, output


SRUN = """#!/bin/sh
echo "asked: $@"
"""


@pytest.mark.parametrize('env, asked', [
    ({}, '--gres=gpu:8 --ntasks=8 --ntasks-per-node=8 --cpus-per-task=5'),
    (dict(GPUS='4'), '--gres=gpu:4 --ntasks=4 --ntasks-per-node=4 --cpus-per-task=5'),
    (dict(GPUS='16', CPUS_PER_TASK='9'), '--gres=gpu:8 --ntasks=16 --ntasks-per-node=8 --cpus-per-task=9'),
    (dict(GPUS='8', GPUS_PER_NODE='4'), '--gres=gpu:4 --ntasks=8 --ntasks-per-node=4'),
    (dict(GPUS='12'), 'Error: GPUS=12 cannot be shared out to machines of GPUS_PER_NODE=8'),
])
def test_slurm_is_asked_for_the_gpus_of_a_machine(toy, env, asked):
    (toy / 'srun').write_text(SRUN)
    (toy / 'srun').chmod(0o755)
    path = f'{toy}{os.pathsep}{os.environ["PATH"]}'
    # "true" in place of Python: the check of the config is not what is asked about.
    code, output = run(toy, 'slurm_train.sh', 'gpus', 'job', 'toy_config.py', PATH=path, PYTHON='true', **env)
    assert asked in output and code == (2 if 'Error' in asked else 0), output


def test_a_second_training_in_the_folder_is_refused(toy):
    first = command(toy, 'train.py', 'toy_config.py', TOY_DELAY='60')
    wait_for(toy / 'seen.txt')
    code, output = run(toy, 'train.py', 'toy_config.py')
    assert code == 1 and f'toy_config is being written by process {first.pid} on' in output
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    code, output = run(toy, 'train.py', 'toy_config.py')
    assert code == 0 and not (toy / 'work_dirs' / 'toy_config' / 'running.txt').exists(), output


def test_accumulated_gradients_of_two_processes_are_those_of_one(toy):
    """The same windows in one process and in two: the same weights, and the same gradients in the checkpoint."""
    saved = []
    for processes, size in ((1, 4), (2, 2)):
        options = [
            'model.norm=False', 'optim_wrapper.accumulative_counts=4', f'train_dataloader.batch_size={size}',
            'train_cfg.max_iters=8', 'default_hooks.checkpoint.interval=6', 'default_hooks.checkpoint.max_keep_ckpts=2'
        ]
        code, output = run(toy, 'dist_train.sh', 'toy_config.py', processes, '--work-dir', f'of_{processes}',
                           '--no-validate', '--cfg-options', *options)
        assert code == 0, output
        saved.append(torch.load(toy / f'of_{processes}' / 'iter_6.pth', weights_only=False))
    one, two = saved
    assert set(one['gradients']) == set(two['gradients']) == {'fc.weight', 'fc.bias'}
    for part in ('state_dict', 'gradients'):
        for name, value in one[part].items():
            assert value.abs().max() > 0
            torch.testing.assert_close(two[part][name], value, rtol=1e-5, atol=1e-6)


def test_the_timeout_of_the_config_reaches_the_processes(toy):
    """One process scores for longer than the others may wait; with the hours of default_runtime.py it may."""
    options = ['train_cfg.max_iters=2', 'train_cfg.val_interval=2']
    words = ['dist_train.sh', 'toy_config.py', 2, '--cfg-options', *options]
    code, output = run(toy, *words, 'env_cfg.dist_cfg.timeout=10', TOY_SCORING='40')
    assert code == 1 and 'imed out' in output and not any(word in output for word in OF_TORCHRUN), output
    assert (toy / 'work_dirs' / 'toy_config' / 'iter_2.pth').exists()
    code, output = run(toy, *words, 'env_cfg.dist_cfg.timeout=14400', TOY_SCORING='15')
    assert code == 0 and 'toy/weighted' in output, output


FROZEN = '''
_base_ = ['{root}/configs/step/step_tiny_mini-ava.py']
ann, labels, video = '{mini}/annotations/mini_', '{mini}/annotations/mini_action_list.pbtxt', '{mini}/videos'
model = dict(backbone=dict(frozen_stages=1))
train_dataloader = dict(
    batch_size=1, num_workers=0, persistent_workers=False,
    dataset=dict(ann_file=ann + 'train.csv', label_file=labels, data_prefix=dict(img=video)))
val_cfg = val_dataloader = val_evaluator = None
train_cfg = dict(max_iters=3)
param_scheduler = []
auto_scale_lr = dict(base_batch_size=2)
'''


def test_frozen_stages_in_two_processes(tmp_path):
    """They are frozen before the model is wrapped, or the second iteration would wait for their gradients."""
    from helpers.mini_forms import make_mini
    make_mini(tmp_path / 'mini')
    (tmp_path / 'frozen.py').write_text(FROZEN.format(root=ROOT, mini=tmp_path / 'mini'))
    states = []
    for processes in (1, 2):
        code, output = run(tmp_path, 'dist_train.sh', 'frozen.py', processes, '--work-dir', f'of_{processes}')
        assert code == 0, output
        states.append(torch.load(tmp_path / f'of_{processes}' / 'iter_3.pth', weights_only=False)['state_dict'])
    frozen = [name for name in states[0] if name.startswith(('backbone.conv1.', 'backbone.layer1.'))]
    weights = [name for name in frozen if name.endswith('weight')]
    assert weights and all(torch.equal(states[0][name], states[1][name]) for name in weights)
