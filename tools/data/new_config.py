"""Writes a config for a data set of one's own: ``python tools/data/new_config.py DATA``.

    python tools/data/new_config.py data/mine
    python tools/data/new_config.py data/mine --base step_i3d_ava --out configs/step/my_step.py

DATA is a folder with a folder of videos and annotations: a csv with a line for each action of a person at a second,
AVA's csv and label map, or tubes (tools/data/README.md). It is split into training and validation where it is not.
What was chosen, and why, stands on the screen and on top of the config. Nothing is overwritten.
"""
import argparse

import mmstep  # noqa: F401
from mmstep.apis.new_config import new_config
from mmstep.engine.launch import run_tool


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='A config for a data set of your own')
    parser.add_argument('data', help='folder of the data set')
    parser.add_argument(
        '--base', help='config or model to start from (default: a small one; with a GPU one with weights)')
    parser.add_argument('--out', metavar='CONFIG.py', help='the config (default: DATA/step_NAME.py)')
    return parser.parse_args()


def main() -> None:
    """Writes the config and says what to do with it."""
    args = parse_args()
    written = new_config(args.data, args.base, args.out)
    for reason in written.reasons:
        print(f'- {reason}')
    print(f'written: {written.path}' + ''.join(f', {file}' for file in written.files))
    rate = f' --model-fps {written.model_fps:g}' if written.model_fps else ''
    print(
        f'next:    python tools/train.py {written.path}\n'
        f'         python demo/demo_video.py {written.video} {written.path} {written.checkpoint} --out out.mp4{rate}')


if __name__ == '__main__':
    run_tool(main)
