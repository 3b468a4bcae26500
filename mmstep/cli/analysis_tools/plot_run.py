"""Plots of runs and of dumped predictions.

    plot_run.py loss work_dirs/a work_dirs/b --out loss.png                   curves over the iterations
    plot_run.py loss work_dirs/a --keys step3/overall lr --out figures.png
    plot_run.py ap a.json b.json --out ap.png                                 average precision of each class
    plot_run.py confusion CONFIG out.pkl --out confusion.png                  what persons were taken for
    plot_run.py iou CONFIG out.pkl --out iou.png                              how well boxes fit, step by step
    plot_run.py errors CONFIG out.pkl --out errors.png                        what average precision is lost to

Runs are work directories; .json files come from tools/analysis_tools/eval_dump.py --out, .pkl files from tools/test.py
--dump. AVA's form and tubes alike.
"""
import argparse
import json
import os.path as osp
from functools import partial
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope

from mmstep.datasets.ava_files import image_key
from mmstep.engine.arguments import add_cfg_options, add_config_argument, read_arguments
from mmstep.engine.config_files import explain_config_errors, load_config
from mmstep.engine.data_check import check_data_files, list_data_files
from mmstep.engine.run_logs import read_scalars
from mmstep.errors import LaunchError
from mmstep.evaluation.ava import AVA_RULES, AVATruth, ava_as_tubes, gather_windows
from mmstep.evaluation.error_analysis import analyse_errors, plot_errors
from mmstep.evaluation.files import read_dump, tubelets_of_dump
from mmstep.evaluation.person_confusion import PersonConfusion, confuse_persons
from mmstep.structures import TubeGroundTruth, Tubelets, tubelets_by_video
from mmstep.utils import refuse_overwriting
from mmstep.visualization.run_plots import (plot_bars, plot_curves, plot_histogram, plot_matrix, shares_of_classes,
                                            write_figure)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = __doc__
    parser.epilog = 'example: %(prog)s loss work_dirs/a work_dirs/b --out loss.png'
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    kinds = parser.add_subparsers(dest='kind', required=True, metavar='KIND')
    for kind, what in (('loss', 'work directories'), ('ap', 'files of figures')):
        part = kinds.add_parser(kind)
        part.add_argument('runs', nargs='+', help=what)
        if kind == 'loss':
            part.add_argument('--keys', nargs='+', default=['loss'], help='what to draw (default: loss)')
        else:
            part.add_argument('--step', type=int, default=3, help='step of the detector (default: 3)')
        part.add_argument('--out', required=True, metavar='OUT.png', help='the picture')
    for kind in ('confusion', 'iou', 'errors'):
        part = kinds.add_parser(kind)
        add_config_argument(part, 'config whose test_evaluator names the annotations')
        part.add_argument('dump', help='file that tools/test.py --dump wrote')
        part.add_argument('--out', required=True, metavar='OUT.png', help='the picture')
        part.add_argument('--score-thr', type=float, default=0.3, help='lower detections do not count (default: 0.3)')
        add_cfg_options(part)


parse_args = partial(read_arguments, add_arguments)


def plot_losses(args: argparse.Namespace) -> None:
    """Curves of runs."""
    runs = {osp.basename(osp.normpath(path)): read_scalars(path) for path in args.runs}
    unknown = [key for key in args.keys if not any(key in scalars for scalars in runs.values())]
    if unknown:
        known = sorted({key for scalars in runs.values() for key in scalars})
        raise LaunchError(f'no run has {", ".join(unknown)}; they have {", ".join(known)}')
    curves = {key: {name: scalars[key] for name, scalars in runs.items() if key in scalars} for key in args.keys}
    write_figure(args.out, plot_curves(curves))


def plot_precisions(args: argparse.Namespace) -> None:
    """Bars of classes."""
    runs: Dict[str, Dict[str, float]] = {}
    for path in args.runs:
        try:
            with open(path, encoding='utf-8') as file:
                found = shares_of_classes(json.load(file), args.step)
        except (OSError, ValueError, AttributeError) as error:
            raise LaunchError(f'{path} holds no figures of eval_dump.py --out ({error})') from error
        if not found:
            raise LaunchError(f'{path} has no step{args.step}/AP/CLASS')
        runs[osp.splitext(osp.basename(path))[0]] = found
    write_figure(args.out, plot_bars(runs, f'average precision, step {args.step}'))


def read_steps(cfg: Config, args: argparse.Namespace) -> Tuple[TubeGroundTruth, Any, List[Tubelets]]:
    """Annotations, rules and the detections of each step of a dump."""
    check_data_files(cfg, args.config, ['test'])
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    with explain_config_errors(cfg, args.config):
        metrics = Evaluator(cfg.test_evaluator).metrics
    for metric in metrics:
        truth = getattr(metric, 'truth', None)
        steps = range(1, getattr(metric, 'num_steps', 1) + 1)
        if isinstance(truth, AVATruth):
            # The metric knows which classes the columns of the scores are.
            metric.process(None, read_dump(args.dump))
            keys = [image_key(item['video_id'], item['timestamp']) for item in metric.results]
            windows = [[item['steps'][step - 1] for item in metric.results] for step in steps]
            pairs = [ava_as_tubes(truth, gather_windows(keys, found)) for found in windows]
            return pairs[-1][0], AVA_RULES, [found for _, found in pairs]
        if isinstance(truth, TubeGroundTruth):
            found = [
                tubelets_of_dump(args.dump, truth, metric.clip_len, metric.temporal_stride, step) for step in steps
            ]
            return truth, metric.rules, found
    raise LaunchError(f'{args.config} has neither StepwiseAVAMetric nor TubeMetric in its test_evaluator')


def confusions(truth: TubeGroundTruth, rules: Any, steps: List[Tubelets],
               score_thr: float) -> Iterator[PersonConfusion]:
    """What persons were taken for at each step."""
    for tubelets in steps:
        yield confuse_persons(truth, tubelets_by_video(tubelets, len(truth.videos)), rules, score_thr)


def plot_dump(args: argparse.Namespace) -> None:
    """Plots of a dump."""
    cfg = load_config(args.config, args.cfg_options)
    refuse_overwriting([args.out], [args.config, args.dump, *list_data_files(cfg, ['test'])])
    cfg.model = cfg.test_dataloader = None  # only what the metrics need has to be on disk
    truth, rules, steps = read_steps(cfg, args)
    if args.kind == 'errors':
        shares = analyse_errors(truth, tubelets_by_video(steps[-1], len(truth.videos)), rules)
        plot_errors(shares, args.out)
        print(json.dumps(shares['mean'], indent=2))
    elif args.kind == 'iou':
        found = {
            f'step {step}': item.ious
            for step, item in enumerate(confusions(truth, rules, steps, args.score_thr), 1)
        }
        write_figure(args.out, plot_histogram(found, f'IoU of the best detection from score {args.score_thr:g}'))
        print(json.dumps({name: round(float(np.mean(ious)), 4) for name, ious in found.items()}, indent=2))
    else:
        matrix = list(confusions(truth, rules, steps[-1:], args.score_thr))[0].matrix
        write_figure(args.out, plot_matrix(matrix, [*truth.labels, 'nobody'], [*truth.labels, 'not found']))


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Draws the plot."""
    args = parse_args(argv)
    if args.kind == 'loss':
        plot_losses(args)
    elif args.kind == 'ap':
        refuse_overwriting([args.out], args.runs)
        plot_precisions(args)
    else:
        plot_dump(args)
    print(f'picture: {args.out}')
