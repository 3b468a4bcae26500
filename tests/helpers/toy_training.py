"""A toy training that starts fast, and the launch scripts run on it as a user runs them."""
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

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

    def __init__(self, width=4, norm=True):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(4) if norm else torch.nn.Identity()
        self.fc = torch.nn.Linear(4, width)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        x = self.fc(self.norm(torch.stack(inputs)))
        if mode == 'loss':
            time.sleep(float(os.environ.get('TOY_DELAY', 0)))
            if os.environ.get('TOY_FAILS') == os.environ.get('RANK', '0'):
                raise ValueError('the toy is broken')
            return dict(loss=(x - 1).square().mean())
        return [dict(value=row.sum().item()) for row in x]


@METRICS.register_module()
class ToyMetric(BaseMetric):
    default_prefix = 'toy'

    def process(self, data_batch, data_samples):
        self.results += [sample['value'] for sample in data_samples]

    def compute_metrics(self, results):  # in the first process; the others wait for it
        time.sleep(float(os.environ.get('TOY_SCORING', 0)))
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


def write_toy(folder):
    """Writes toy.py and a config into a folder.

    Args:
        folder (Path): The folder.

    Returns:
        Path: The folder.
    """
    (folder / 'toy.py').write_text(TOY)
    (folder / 'toy_config.py').write_text(CONFIG)
    return folder


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
    """Runs a tool to its end; returns its exit code and output."""
    process = command(folder, *words, **env)
    try:
        output, _ = process.communicate(timeout=240)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # the launcher's children as well
        raise
    return process.returncode, output


def figure(output):
    """The figures of validations and tests, as they were printed."""
    return [float(x) for x in re.findall(r'toy/weighted: (-?[\d.]+)', output)]
