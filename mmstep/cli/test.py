"""Tests a detector: ``python tools/test.py CONFIG CHECKPOINT``. The arguments are those of MMAction2's tools/test.py.

Beyond that tool it checks the config and its files first, works on CPU processes, refuses a checkpoint that does not
fill the model exactly, draws what is annotated beside what was detected, and dumps predictions as plain numpy arrays,
which tools/analysis_tools/eval_dump.py scores.
"""
import argparse
import os
import os.path as osp
from typing import Optional, Sequence

from mmaction.registry import RUNNERS
from mmengine.config import Config

from mmstep.checkpoints import read_checkpoint, require_finite, require_found_by_runner, require_whole, unwrap
from mmstep.engine.arguments import add_config_argument, add_dtype_argument
from mmstep.engine.config_agreement import check_agreement
from mmstep.engine.config_files import explain_config_errors, load_config
from mmstep.engine.data_check import check_data_files, list_data_files
from mmstep.engine.launch import add_common_arguments
from mmstep.engine.processes import set_up_processes
from mmstep.engine.screen import QuietRunner
from mmstep.engine.work_dir import check_work_dir
from mmstep.errors import LaunchError
from mmstep.models.fold_batch_norm import fold_batch_norm
from mmstep.models.low_precision import set_dtype
from mmstep.utils import refuse_overwriting, writing_into

HOOK = 'STEPVisualizationHook'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Test (and evaluate) a detector'
    parser.epilog = 'example: %(prog)s my_config.py work_dirs/mine/iter_1200.pth --dump out.pkl'
    add_config_argument(parser)
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help='checkpoint file; not for models that load their own by init_cfg, such as fusions of trained streams')
    parser.add_argument('--work-dir', help='the directory to save the file containing evaluation metrics')
    parser.add_argument('--dump', metavar='OUT.pkl', help='dump predictions to a pickle file for offline evaluation')
    parser.add_argument(
        '--show-dir',
        metavar='DIR',
        help='draw what is annotated beside what was detected, a picture for each window, into this folder; '
        'DIR/index.csv lists the worst ones first')
    parser.add_argument(
        '--interval', '--show-interval', type=int, default=1, help='draw every so many windows (default: 1)')
    add_dtype_argument(parser)
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
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    return args


def merge_args(cfg: Config, args: argparse.Namespace) -> None:
    """Puts the command line's settings into the config."""
    if args.show_dir is not None:
        hooks = cfg.get('default_hooks') or {}
        given = hooks.get('visualization') or {}
        # MMAction2's own hook draws labels of whole videos.
        kept = {} if given.get('type', HOOK) != HOOK else given
        drawing = dict(kept, type=HOOK, out_dir=args.show_dir, interval=args.interval)
        cfg.default_hooks = dict(hooks, visualization=drawing)
    if args.dump is not None:
        if not args.dump.endswith(('.pkl', '.pickle')):
            raise LaunchError(f'--dump {args.dump}: the name must end with .pkl or .pickle.')
        evaluators = cfg.test_evaluator if isinstance(cfg.test_evaluator, (list, tuple)) else [cfg.test_evaluator]
        cfg.test_evaluator = [*evaluators, dict(type='DumpDetections', out_file_path=args.dump)]
    # work_dir: command line, else config, else the config's name
    name = osp.splitext(osp.basename(args.config))[0]
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or osp.join('./work_dirs', name)
    cfg.load_from = args.checkpoint
    cfg.resume = False


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the test."""
    args = parse_args(argv)
    cfg = load_config(args.config, args.cfg_options)
    merge_args(cfg, args)
    refuse_overwriting([args.dump], [args.config, args.checkpoint, *list_data_files(cfg, ['test'])])
    check_work_dir(Config(dict(work_dir=cfg.work_dir), filename=cfg.filename), args.config)
    check_data_files(cfg, args.config, ['test'])
    check_agreement(cfg, args.config, ['test'])
    if args.checkpoint is None and cfg.model.type != 'StreamFusion':
        raise LaunchError(f'{args.config} needs a checkpoint: tools/test.py {args.config} CHECKPOINT')
    checkpoint = args.checkpoint and read_checkpoint(args.checkpoint)
    if args.check:
        return

    set_up_processes(cfg, args.launcher)
    with writing_into(cfg.work_dir), explain_config_errors(cfg, args.config):
        runner = RUNNERS.build(cfg) if 'runner_type' in cfg else QuietRunner.from_cfg(cfg)
        if checkpoint is None:
            runner.model.init_weights()
        else:
            require_found_by_runner(checkpoint, args.checkpoint)
            require_whole(runner.model, checkpoint, args.checkpoint, args.config)
            require_finite(unwrap(checkpoint) or {}, args.checkpoint)
        runner.load_or_resume()
        set_dtype(fold_batch_norm(runner.model), args.dtype)
        runner.test()
    for metric in runner.test_evaluator.metrics:
        if getattr(metric, 'failure', None):
            raise metric.failure
