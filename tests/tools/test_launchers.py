"""tools/train.py, test.py and their launch scripts on a toy model, as a user runs them."""
import os
import signal
import time

import pytest
import torch
from helpers.toy_training import CONFIG, command, figure, run, write_toy


@pytest.fixture
def toy(tmp_path):
    return write_toy(tmp_path)


@pytest.mark.slow
def test_two_processes_train_and_validate_like_one(toy):
    code, output = run(toy, 'dist_train.sh', 'toy_config.py', 2)
    assert code == 0, output
    logs = ''.join(path.read_text() for path in (toy / 'work_dirs').rglob('*.log'))
    assert 'DistributedDataParallel' in logs
    trained, = figure(output)

    checkpoint = toy / 'work_dirs' / 'toy_config' / 'iter_12.pth'
    code, output = run(toy, 'test.py', 'toy_config.py', checkpoint)
    assert code == 0, output
    assert figure(output) == [pytest.approx(trained, abs=1e-3)]

    code, output = run(toy, 'dist_test.sh', 'toy_config.py', checkpoint, 2)
    assert code == 0, output
    assert figure(output) == [pytest.approx(trained, abs=1e-3)]


@pytest.mark.slow
def test_resume_after_kill(toy):
    process = command(toy, 'train.py', 'toy_config.py', TOY_DELAY='0.3')
    work_dir = toy / 'work_dirs' / 'toy_config'
    deadline = time.time() + 120
    while not (work_dir / 'iter_8.pth').exists() and time.time() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)  # into the iterations after the checkpoint
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (work_dir / 'iter_12.pth').exists()
    assert not (work_dir / 'iter_4.pth').exists()  # max_keep_ckpts=1

    first = (toy / 'seen.txt').read_text().split()
    (toy / 'seen.txt').unlink()
    code, output = run(toy, 'train.py', 'toy_config.py', '--resume')
    assert code == 0, output
    assert 'resumed epoch: 0, iter: 8' in output and '16 windows that were trained on are skipped' in output
    assert torch.load(work_dir / 'iter_12.pth')['meta']['iter'] == 12
    # Four iterations of two windows and one validation are read, and they go on where the checkpoint was made.
    second = (toy / 'seen.txt').read_text().split()
    assert len(second) == 4 * 2 + 8
    again = min(len(first) - 16, 8)
    assert first[16:16 + again] == second[:again]


@pytest.mark.slow
def test_missing_data_stops_a_launch_early(toy):
    text = CONFIG.replace("dict(type='ToyData')", "dict(type='ToyData', ann_file='data/ava/train.csv')")
    (toy / 'toy_config.py').write_text(text)
    start = time.time()
    code, output = run(toy, 'dist_train.sh', 'toy_config.py', 8)
    assert code == 1
    assert 'data/ava/train.csv  (train_dataloader.ann_file, val_dataloader.ann_file)' in output
    assert 'tools/data/ava/README.md' in output
    assert 'Traceback' not in output and 'torch.distributed' not in output
    assert time.time() - start < 60  # under 20 on a machine that does nothing else


@pytest.mark.slow
def test_load_from_and_resume_read_mmengines_own_checkpoints(toy):
    """They hold a message hub and an optimizer, which torch >= 2.6 refuses unless it is told of them."""
    code, output = run(toy, 'train.py', 'toy_config.py', '--cfg-options', 'train_cfg.max_iters=4')
    assert code == 0, output
    work_dir = toy / 'work_dirs' / 'toy_config'
    first = work_dir / 'iter_4.pth'

    code, output = run(toy, 'train.py', 'toy_config.py', '--load-from', first, '--work-dir', 'other')
    assert code == 0, output
    assert f'load_from {first}: 7 weights loaded' in output and 'resumed' not in output
    loaded = torch.load(toy / 'other' / 'iter_12.pth')
    assert loaded['meta']['iter'] == 12

    code, output = run(toy, 'train.py', 'toy_config.py', '--resume', first)
    assert code == 0, output
    assert 'resumed epoch: 0, iter: 4' in output
    resumed = torch.load(work_dir / 'iter_12.pth')
    # Twelve iterations more are not eight more.
    assert not torch.equal(loaded['state_dict']['fc.weight'], resumed['state_dict']['fc.weight'])
    assert resumed['state_dict']['norm.num_batches_tracked'] == 12
    assert loaded['state_dict']['norm.num_batches_tracked'] == 16
