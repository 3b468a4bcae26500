"""Scores dumped predictions again, without the model and the videos.

Usage:

    python tools/test.py CONFIG CHECKPOINT --dump out.pkl
    python tools/analysis_tools/eval_dump.py CONFIG out.pkl
"""
import argparse
import json
import pickle

from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope

import mmstep  # noqa: F401  registers the metrics
from mmstep.datasets import load_pickle
from mmstep.engine.arguments import add_cfg_options, add_config_argument
from mmstep.engine.config_files import explain_config_errors, load_config
from mmstep.engine.data_check import check_data_files
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError
from mmstep.utils import write_text


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='Score dumped predictions with the test_evaluator of a config')
    add_config_argument(parser, 'config whose test_evaluator is used; or name of a model')
    parser.add_argument('dump', help='file that tools/test.py --dump wrote')
    parser.add_argument('--out', help='also write the figures to this .json file')
    add_cfg_options(parser)
    return parser.parse_args()


def main() -> None:
    """Scores the file."""
    args = parse_args()
    cfg = load_config(args.config, args.cfg_options)
    cfg.model = cfg.test_dataloader = None  # only what the metrics need has to be on disk
    check_data_files(cfg, args.config, ['test'])
    try:
        samples = load_pickle(args.dump)
    except (FileNotFoundError, pickle.UnpicklingError) as error:
        raise LaunchError(str(error)) from error
    if not isinstance(samples, list) or not samples:
        raise LaunchError(f'{args.dump} holds no list of predictions; tools/test.py --dump writes one.')

    init_default_scope(cfg.get('default_scope', 'mmaction'))
    with explain_config_errors(cfg, args.config):
        evaluator = Evaluator(cfg.test_evaluator)
    figures = evaluator.offline_evaluate(samples, chunk_size=64)
    print(json.dumps(figures, indent=2))
    if args.out:
        write_text(args.out, json.dumps(figures, indent=2))


if __name__ == '__main__':
    run_tool(main)
