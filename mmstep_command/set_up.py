"""``mmstep setup`` installs the OpenMMLab stack beside mmstep, with the operators of mmcv.

It is ``tools/setup_env.sh --into PYTHON``, which the package brings: the packages in the versions that were tested
together, a torch only where there is none that fits. What is there and fits is kept.
"""
import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Optional, Sequence

PACKAGE = Path(__file__).resolve().parents[1] / 'mmstep'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = ('Install the OpenMMLab stack: mmengine, mmcv with its operators, mmdet, mmaction2, and what '
                          'they need. It takes a few minutes the first time.')
    parser.epilog = 'example: %(prog)s, in the environment into which mmstep was installed'
    parser.add_argument(
        '--python', default=sys.executable, metavar='PYTHON', help='Python of another environment (default: this one)')
    parser.add_argument(
        '--full-ops',
        action='store_true',
        help="all of mmcv's operators on a CPU, too: about ten minutes more (default: those that mmstep calls)")


def find_script() -> Path:
    """Finds the set-up in the package or in the clone around it.

    Returns:
        Path: ``setup_env.sh``.

    Raises:
        FileNotFoundError: If there is none.
    """
    for folder in (PACKAGE.parent, PACKAGE / '.mim'):
        if (folder / 'tools' / 'setup_env.sh').is_file():
            return folder / 'tools' / 'setup_env.sh'
    raise FileNotFoundError(f'{PACKAGE} has no tools/setup_env.sh. Install mmstep again')


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Runs the set-up.

    Args:
        argv (Sequence[str], optional): The words after ``mmstep setup``. Defaults to those of the process.

    Returns:
        int: Exit code.
    """
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(argv)
    if shutil.which('bash') is None:
        parser.exit(1, '\nError: the set-up needs bash\n')
    try:
        script = find_script()
    except FileNotFoundError as error:
        parser.exit(1, f'\nError: {error}\n')
    python = shutil.which(args.python)
    if python is None:
        parser.error(f'--python {args.python}: there is no such program')
    options = ['--full-ops'] if args.full_ops else []
    try:
        return subprocess.run(
            ['bash', str(script), '--into', os.path.abspath(python), *options], check=False).returncode
    except KeyboardInterrupt:
        print('\nInterrupted. What is installed is kept; mmstep setup goes on.', file=sys.stderr)
        return 130
