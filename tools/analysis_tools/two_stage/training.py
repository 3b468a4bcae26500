"""The trainings of the comparison, each in a folder of its own."""
import os
import subprocess
import sys
from pathlib import Path

import torch
from mmaction.registry import MODELS
from mmengine.registry import init_default_scope

from mmstep.checkpoints import find_resumable, read_checkpoint, require_whole, unwrap
from mmstep.engine.config_files import load_config
from mmstep.errors import LaunchError

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / 'configs/step/studies/two_stage'
CONFIGS = dict(
    step=ROOT / 'configs/step/step_tiny_mini-ava.py',
    persons=FOLDER / 'person_detector.py',
    actions=FOLDER / 'action_head.py')
WARM_UP = 100  # iterations, of all schedules


class Training:
    """A training in a folder of its own.

    Args:
        part (str): Key of :data:`CONFIGS`.
        seed (int): Seed.
        iterations (int): How long; the learning rate falls to its end by then.
        work_dir (Path): Folder of all runs.
    """

    def __init__(self, part: str, seed: int, iterations: int, work_dir: Path) -> None:
        self.config, self.seed, self.iterations = CONFIGS[part], seed, iterations
        self.folder = work_dir / f'{part}-{iterations}-seed{seed}'
        self.checkpoint = self.folder / f'iter_{iterations}.pth'

    def run(self) -> None:
        """Trains, or goes on with it, unless it is done.

        Raises:
            LaunchError: If the training fails.
        """
        if self.checkpoint.is_file():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        resumed = find_resumable(str(self.folder))
        options = {
            'train_cfg.max_iters': self.iterations,
            'train_cfg.val_interval': self.iterations,
            'param_scheduler.1.end': self.iterations,
            'param_scheduler.1.T_max': self.iterations - WARM_UP,
            'train_dataloader.num_workers': 0,
            'train_dataloader.persistent_workers': False,
            'default_hooks.checkpoint.interval': 100
        }
        print(f'{self.folder}: {"goes on from " + resumed if resumed else "begins"}', flush=True)
        with open(self.folder / 'train.log', 'ab') as log:
            code = subprocess.run([
                sys.executable, 'tools/train.py', self.config, '--seed',
                str(self.seed), '--work-dir', self.folder, '--no-validate', '--resume', '--cfg-options',
                *(f'{key}={value}' for key, value in options.items())
            ],
                                  cwd=ROOT,
                                  env=dict(os.environ, OMP_NUM_THREADS='1', PYTHONPATH=str(ROOT)),
                                  stdout=log,
                                  stderr=subprocess.STDOUT).returncode
        if code:
            raise LaunchError(f'the training in {self.folder} ended with exit code {code}; see its train.log')

    def model(self) -> torch.nn.Module:
        """The trained model, ready to test."""
        model = build(self.config)
        checkpoint = read_checkpoint(str(self.checkpoint))
        require_whole(model, checkpoint, str(self.checkpoint), str(self.config))
        model.load_state_dict(unwrap(checkpoint))
        return model.eval()


def build(config: Path) -> torch.nn.Module:
    """The model of a config."""
    init_default_scope('mmaction')
    return MODELS.build(load_config(str(config), None).model)
