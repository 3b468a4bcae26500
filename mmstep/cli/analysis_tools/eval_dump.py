"""Scores dumped predictions again, without the model and the videos.

Usage:

    python tools/test.py CONFIG CHECKPOINT --dump out.pkl
    python tools/analysis_tools/eval_dump.py CONFIG out.pkl
"""
import argparse
import json
import sys
from functools import partial
from typing import List, Optional, Sequence

from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope

from mmstep.datasets.ava_files import parse_second
from mmstep.engine.arguments import add_cfg_options, add_config_argument, read_arguments
from mmstep.engine.config_files import explain_config_errors, load_config
from mmstep.engine.data_check import check_data_files, list_data_files
from mmstep.evaluation.ava import AVATruth
from mmstep.evaluation.files import check_windows_of_dump, read_dump
from mmstep.structures import TubeGroundTruth
from mmstep.utils import refuse_overwriting, write_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Score dumped predictions with the test_evaluator of a config'
    parser.epilog = 'example: %(prog)s CONFIG out.pkl'
    add_config_argument(parser, 'config whose test_evaluator is used; or name of a model')
    parser.add_argument('dump', help='file that tools/test.py --dump wrote')
    parser.add_argument('--out', help='also write the figures to this .json file')
    add_cfg_options(parser)


parse_args = partial(read_arguments, add_arguments)


def oddities(samples: Sequence[dict], evaluator: Evaluator, path: str) -> List[str]:
    """What is odd about the windows of a dump, by the annotations of the first metric that has some."""
    for metric in evaluator.metrics:
        truth = getattr(metric, 'truth', None)
        if isinstance(truth, TubeGroundTruth):
            return check_windows_of_dump(samples, [], truth.videos, path)
        if isinstance(truth, AVATruth):
            keys = [key.rsplit(',', 1) for key in truth.keys]
            if getattr(metric, 'only_tested', False):  # windows may be missing
                return check_windows_of_dump(samples, [], {video for video, _ in keys}, path)
            wanted = [(video, parse_second(second)) for video, second in keys
                      if f'{video},{second}' not in truth.excluded]
            return check_windows_of_dump(samples, wanted, {video for video, _ in keys}, path)
    return []


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Scores the file."""
    args = parse_args(argv)
    cfg = load_config(args.config, args.cfg_options)
    refuse_overwriting([args.out], [args.config, args.dump, *list_data_files(cfg, ['test'])])
    cfg.model = cfg.test_dataloader = None  # only what the metrics need has to be on disk
    check_data_files(cfg, args.config, ['test'])
    samples = read_dump(args.dump)
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    with explain_config_errors(cfg, args.config):
        evaluator = Evaluator(cfg.test_evaluator)
    for sentence in oddities(samples, evaluator, args.dump):
        print(f'Warning: {sentence}', file=sys.stderr)
    figures = evaluator.offline_evaluate(samples, chunk_size=64)
    print(json.dumps(figures, indent=2))
    if args.out:
        write_text(args.out, json.dumps(figures, indent=2))
