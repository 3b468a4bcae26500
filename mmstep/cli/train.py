"""Trains a detector: ``python tools/train.py CONFIG``. The arguments are those of MMAction2's tools/train.py.

Beyond that tool it checks the config and its files first, trains on CPU processes, resumes from the newest
sound checkpoint to the bit, and says what ``load_from`` loaded.
"""
import argparse
import os
import os.path as osp
from contextlib import nullcontext
from typing import Optional, Sequence

import torch
from mmaction.registry import RUNNERS
from mmengine.config import Config
from mmengine.dist import get_rank, get_world_size
from mmengine.logging import print_log

from mmstep.checkpoints import (find_resumable, read_checkpoint, read_resumable, report_initialisation,
                                require_found_by_runner, require_whole)
from mmstep.datasets.checks import require_sound_data
from mmstep.engine.arguments import add_config_argument
from mmstep.engine.batch_size import set_batch_size
from mmstep.engine.config_agreement import check_agreement
from mmstep.engine.config_files import explain_config_errors, load_config
from mmstep.engine.data_check import check_data_files
from mmstep.engine.launch import add_common_arguments
from mmstep.engine.processes import agree_on_file, set_up_processes
from mmstep.engine.screen import QuietRunner
from mmstep.engine.work_dir import check_work_dir
from mmstep.errors import LaunchError
from mmstep.utils import hold_lock, writing_into

LOCK = 'running.txt'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Train a detector'
    parser.epilog = 'example: %(prog)s my_config.py --work-dir work_dirs/mine --resume'
    add_config_argument(parser)
    parser.add_argument('--work-dir', help='the dir to save logs and models')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='checkpoint to resume from; without a path the newest sound one in the work dir')
    parser.add_argument(
        '--load-from',
        metavar='CHECKPOINT',
        help='weights to start from, instead of load_from in the config; what fits is loaded and the rest is listed')
    parser.add_argument('--amp', action='store_true', help='train in mixed precision (bfloat16 where there is no GPU)')
    parser.add_argument('--no-validate', action='store_true', help='do not validate during training')
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate by the actual over the original batch size (auto_scale_lr in the config)')
    parser.add_argument('--seed', type=int, help='random seed; overrides the one of the config')
    parser.add_argument('--diff-rank-seed', action='store_true', help='another seed for each process')
    parser.add_argument('--deterministic', action='store_true', help='use deterministic CUDNN algorithms')
    add_common_arguments(parser)


def parse_args(argv: Optional[Sequence[str]] = None) -> argparse.Namespace:
    """Reads the command line.

    Args:
        argv (Sequence[str], optional): Its words; those of the process by default.

    Returns:
        argparse.Namespace: What they say.
    """
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(argv)
    if args.load_from and args.resume not in (None, 'auto'):
        parser.error(f'--resume {args.resume} goes on with a training, --load-from {args.load_from} starts one: give '
                     'one of the two')
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    return args


def merge_args(cfg: Config, args: argparse.Namespace) -> None:
    """Puts the command line's settings into the config."""
    if args.no_validate:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    # work_dir: command line, else config, else the config's name
    name = osp.splitext(osp.basename(args.config))[0]
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or osp.join('./work_dirs', name)
    if args.load_from:
        cfg.load_from, cfg.resume = args.load_from, False
    if args.amp:
        use_mixed_precision(cfg)
    if args.auto_scale_lr:
        if 'base_batch_size' not in (cfg.get('auto_scale_lr') or {}):
            raise LaunchError(f'--auto-scale-lr: {args.config} has no auto_scale_lr=dict(base_batch_size=...), the '
                              'batch size over all processes for which its learning rate is meant.')
        cfg.auto_scale_lr.enable = True
    chosen = dict(seed=args.seed, diff_rank_seed=args.diff_rank_seed, deterministic=args.deterministic)
    cfg.randomness = {**(cfg.get('randomness') or {}), **{key: value for key, value in chosen.items() if value}}
    if args.seed is not None:  # 0 is a seed as well
        cfg.randomness.seed = args.seed


def use_mixed_precision(cfg: Config) -> None:
    """Makes the optimizer wrapper one with mixed precision."""
    plain = cfg.optim_wrapper.get('type', 'OptimWrapper')
    if plain not in ('OptimWrapper', 'AmpOptimWrapper', 'BF16OptimWrapper'):
        raise LaunchError(f'--amp does not work with optim_wrapper.type "{plain}".')
    if not torch.cuda.is_available():
        cfg.optim_wrapper.type = 'BF16OptimWrapper'
        cfg.optim_wrapper.pop('loss_scale', None)
    elif plain == 'OptimWrapper':
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')


def choose_checkpoint(cfg: Config, resume: Optional[str]) -> None:
    """Sets ``resume`` and ``load_from`` from ``--resume``; with nothing to resume the config's ``load_from`` stays."""
    if resume not in (None, 'auto'):
        cfg.resume, cfg.load_from = True, resume
    elif resume == 'auto' or (cfg.get('resume') and not cfg.get('load_from')):
        found = agree_on_file(find_resumable(cfg.work_dir) if get_rank() == 0 else None)
        cfg.resume = found is not None
        cfg.load_from = found or cfg.get('load_from')
        print_log(
            f'Resuming from {found}' if found else
            f'Nothing to resume: no sound checkpoint in {cfg.work_dir}. Training starts from the beginning.',
            logger='current')


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the training."""
    args = parse_args(argv)
    cfg = load_config(args.config, args.cfg_options)
    merge_args(cfg, args)
    check_data_files(cfg, args.config, ['train', 'val'])
    check_agreement(cfg, args.config, ['train', 'val'])
    if args.check:
        print(require_sound_data(cfg, args.config, ['train', 'val']))
    if args.check:
        read_start(cfg, args)
        return
    set_up_processes(cfg, args.launcher)
    # The checkpoints of two trainings would replace and delete each other.
    with hold_lock(osp.join(cfg.work_dir, LOCK), cfg.work_dir) if get_rank() == 0 else nullcontext():
        train(cfg, args)


def read_start(cfg: Config, args: argparse.Namespace) -> Optional[dict]:
    """Reads the checkpoint with which the training begins, if there is one."""
    choose_checkpoint(cfg, args.resume)
    check_work_dir(cfg, args.config)
    read = read_resumable if cfg.get('resume') else read_checkpoint
    return read(cfg.load_from) if cfg.get('load_from') else None


def train(cfg: Config, args: argparse.Namespace) -> None:
    """Builds the runner and trains."""
    checkpoint = read_start(cfg, args)
    set_batch_size(cfg, get_world_size())
    with writing_into(cfg.work_dir), explain_config_errors(cfg, args.config):
        runner = RUNNERS.build(cfg) if 'runner_type' in cfg else QuietRunner.from_cfg(cfg)
        if checkpoint is not None:
            require_found_by_runner(checkpoint, cfg.load_from)
            if cfg.get('resume'):
                require_whole(runner.model, checkpoint, cfg.load_from, args.config)
            else:
                report_initialisation(runner.model, checkpoint, cfg.load_from)
        runner.train()
