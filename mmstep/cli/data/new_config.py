"""Writes a config for a data set of one's own: ``python tools/data/new_config.py DATA``.

    python tools/data/new_config.py data/mine
    python tools/data/new_config.py data/mine --base step_i3d_ava --out configs/step/my_step.py

DATA is a folder with a folder of videos and annotations: a csv with a line for each action of a person at a second,
AVA's csv and label map, or tubes (tools/data/README.md). It is split into training and validation where it is not.
What was chosen, and why, stands on the screen and on top of the config. Nothing is overwritten.
"""
import argparse
import os.path as osp
from functools import partial
from typing import Optional, Sequence

from mmstep.apis.new_config import new_config
from mmstep.engine.arguments import add_picture_arguments, read_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'A config for a data set of your own'
    parser.epilog = 'example: %(prog)s data/mine'
    parser.add_argument('data', help='folder of the data set')
    parser.add_argument(
        '--base', help='config or model to start from (default: a small one; with a GPU one with weights)')
    parser.add_argument('--out', metavar='CONFIG.py', help='the config (default: DATA/step_NAME.py)')
    add_picture_arguments(parser)


parse_args = partial(read_arguments, add_arguments)


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Writes the config and says what to do with it."""
    args = parse_args(argv)
    written = new_config(args.data, args.base, args.out, args.fps)
    for reason in written.reasons:
        print(f'- {reason}')
    print(f'written: {written.path}' + ''.join(f', {file}' for file in written.files))
    rate = f' --model-fps {written.model_fps:g}' if written.model_fps else ''
    rate += f' --fps {args.fps:g}' if args.fps and osp.isdir(written.video) else ''
    train, detect = 'mmstep train', 'mmstep detect'
    if osp.isfile('tools/train.py'):  # in a clone
        train, detect = 'python tools/train.py', 'python demo/demo_video.py'
    print(f'next:    {train} {written.path}\n'
          f'         {detect} {written.video} {written.path} {written.checkpoint} --out out.mp4{rate}')
