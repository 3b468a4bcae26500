"""Draws what a data set hands to the model: ``python tools/analysis_tools/browse_dataset.py CONFIG DIR``.

    python tools/analysis_tools/browse_dataset.py configs/step/step_tiny_mini-ava.py pictures
    python tools/analysis_tools/browse_dataset.py configs/step/step_tiny_mini-ucf.py pictures --phase val -n 5

For windows spread over the data set, as files in DIR: NAME_key.jpg, the key frame of the video with boxes, classes and
identities; NAME_window.jpg, the window after all transforms, a picture for each feature frame, with dashed boxes where
nothing is annotated; sheet.jpg, the key frames on one page.
"""
import argparse
from functools import partial
from typing import Optional, Sequence

from mmstep.apis.drawing import browse_dataset
from mmstep.engine.arguments import add_cfg_options, add_config_argument, read_arguments
from mmstep.engine.config_files import load_config
from mmstep.engine.data_check import check_data_files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Draw windows of a data set'
    parser.epilog = 'example: %(prog)s my_config.py pictures --phase val'
    add_config_argument(parser)
    parser.add_argument('output_dir', metavar='DIR', help='folder for the pictures')
    parser.add_argument('-p', '--phase', choices=['train', 'val', 'test'], default='train', help='which data set')
    parser.add_argument('-n', '--show-number', type=int, default=20, help='how many windows (default: 20)')
    add_cfg_options(parser)


parse_args = partial(read_arguments, add_arguments)


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Draws the pictures."""
    args = parse_args(argv)
    cfg = load_config(args.config, args.cfg_options)
    model = cfg.get('model')
    cfg.model = None  # its initial weights are not data
    check_data_files(cfg, args.config, [args.phase])
    cfg.model = model  # which tells the number of classes
    files = browse_dataset(cfg, args.config, args.phase, args.output_dir, args.show_number)
    print(f'{args.output_dir}: {len(files)} pictures; {files[-1]} has the key frames on one page')
