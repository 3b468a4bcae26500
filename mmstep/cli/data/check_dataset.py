"""Checks the data sets of a config before training: ``python tools/data/check_dataset.py CONFIG``.

    python tools/data/check_dataset.py configs/step/my_step.py --videos

Reads the annotations of train_dataloader, val_dataloader and test_dataloader, those in wrappers such as RepeatDataset
too. Prints how many persons, boxes and videos each class has, how large the boxes are and how far they move. Faults
are listed all at once, each with its file and line, video or tube, and the exit code is 1.
"""
import argparse
from functools import partial
from typing import Optional, Sequence

from mmengine.registry import init_default_scope

from mmstep.datasets.checks import require_sound_data
from mmstep.engine.arguments import add_cfg_options, add_config_argument, read_arguments
from mmstep.engine.config_files import load_config
from mmstep.engine.data_check import check_data_files

SPLITS = ('train', 'val', 'test')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Check the data sets of a config'
    parser.epilog = 'example: %(prog)s my_config.py --videos'
    add_config_argument(parser)
    parser.add_argument(
        '--videos',
        action='store_true',
        help='open every annotated video as training does, list its frames and decode the first: names those that '
        'cannot be read, and annotations past the end of their video')
    add_cfg_options(parser)


parse_args = partial(read_arguments, add_arguments)


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the checks."""
    args = parse_args(argv)
    cfg = load_config(args.config, args.cfg_options)
    init_default_scope('mmaction')
    cfg.model = None  # its initial weights are not data
    check_data_files(cfg, args.config, SPLITS)
    print(require_sound_data(cfg, args.config, SPLITS, args.videos))
