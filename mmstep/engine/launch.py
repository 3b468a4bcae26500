"""What tools/train.py and tools/test.py do before the runner: read the config and look for its files."""
import argparse
import os
import sys
from typing import Callable

import torch

from mmstep.errors import LaunchError
from .arguments import add_cfg_options


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that training and testing share.

    Args:
        parser (argparse.ArgumentParser): The parser of a tool.
    """
    add_cfg_options(parser)
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none', help='job launcher')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help='set by the launcher')
    parser.add_argument(
        '--check',
        action='store_true',
        help='only check the config and that every file it needs is on disk; dist_*.sh do so before they launch')


def run_tool(main: Callable[[], None]) -> None:
    """Runs a tool's main function; a :class:`LaunchError` ends it with its message and exit code 1.

    With several processes on a machine only the first one speaks.

    Args:
        main (Callable): The function.
    """
    try:
        main()
    except LaunchError as error:
        if int(os.environ.get('LOCAL_RANK', 0)) == 0:
            print(f'\nError: {error}', file=sys.stderr)
        sys.exit(1)
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
