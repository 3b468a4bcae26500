"""tools/train.py, test.py and their launch scripts on a toy model, as a user runs them."""
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]

TOY = '''
"""A model with batch norm, data and a metric; small enough that starting Python is what takes time."""
import os
import time

import torch
from mmaction.registry import DATASETS, METRICS, MODELS
from mmengine.dataset import BaseDataset
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel


@DATASETS.register_module()
class ToyData(BaseDataset):

    def load_data_list(self):
        return [dict(x=float(i)) for i in range(8)]

    def prepare_data(self, idx):
        with open('seen.txt', 'a') as file:
            file.write(f'{idx} ')
        return dict(inputs=torch.full((4, ), self.get_data_info(idx)['x']), data_samples=idx)


@MODELS.register_module()
class ToyModel(BaseModel):

    def __init__(self, width=4):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(4)
        self.fc = torch.nn.Linear(4, width)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        x = self.fc(self.norm(torch.stack(inputs)))
        if mode == 'loss':
            time.sleep(float(os.environ.get('TOY_DELAY', 0)))
            return dict(loss=(x - 1).square().mean())
        return [dict(value=row.sum().item()) for row in x]


@METRICS.register_module()
class ToyMetric(BaseMetric):
    default_prefix = 'toy'

    def process(self, data_batch, data_samples):
        self.results += [sample['value'] for sample in data_samples]

    def compute_metrics(self, results):
        return dict(weighted=sum(i * value for i, value in enumerate(results, 1)))
'''

CONFIG = '''
custom_imports = dict(imports=['mmstep', 'toy'], allow_failed_imports=False)
default_scope = 'mmaction'
model = dict(type='ToyModel', width=4)
loader = dict(batch_size=2, num_workers=0, collate_fn=dict(type='pseudo_collate'), dataset=dict(type='ToyData'))
train_dataloader = dict(sampler=dict(type='InfiniteSampler', shuffle=True), **loader)
val_dataloader = dict(sampler=dict(type='DefaultSampler', shuffle=False), **loader)
test_dataloader = val_dataloader
val_evaluator = test_evaluator = dict(type='ToyMetric')
train_cfg = dict(type='IterBasedTrainLoop', max_iters=12, val_interval=12)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1))
default_hooks = dict(
    checkpoint=dict(type='SafeCheckpointHook', by_epoch=False, interval=4, max_keep_ckpts=1),
    fast_resume=dict(type='FastResumeHook'),
    sync_buffers=dict(type='SyncBuffersHook'))
randomness = dict(seed=0)
log_processor = dict(by_epoch=False)
'''


@pytest.fixture
def toy(tmp_path):
    """A folder with toy.py and a config in it."""
    (tmp_path / 'toy.py').write_text(TOY)
    (tmp_path / 'toy_config.py').write_text(CONFIG)
    return tmp_path


def command(folder, *words, **env):
    """Starts a tool in a folder; its output comes in one stream."""
    env = {**os.environ, 'PYTHON': sys.executable, 'OMP_NUM_THREADS': '1', **env}
    env['PYTHONPATH'] = os.pathsep.join([str(folder), str(ROOT), os.environ.get('PYTHONPATH', '')])
    head = ['bash'] if str(words[0]).endswith('.sh') else [sys.executable]
    return subprocess.Popen([*head, str(ROOT / 'tools' / words[0]), *map(str, words[1:])],
                            cwd=folder,
                            env=env,
                            stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT,
                            text=True,
                            start_new_session=True)


def run(folder, *words, **env):
    process = command(folder, *words, **env)
    try:
        output, _ = process.communicate(timeout=240)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # the launcher's children as well
        raise
    return process.returncode, output


def figure(output):
    return [float(x) for x in re.findall(r'toy/weighted: (-?[\d.]+)', output)]


@pytest.mark.slow
def test_two_processes_train_and_validate_like_one(toy):
    code, output = run(toy, 'dist_train.sh', 'toy_config.py', 2)
    assert code == 0, output
    assert 'DistributedDataParallel' in (toy / 'seen.txt').read_text() + output
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
