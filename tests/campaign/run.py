"""Runs a fault campaign and prints what survived.

    .venv/bin/python tests/campaign/run.py [CLASS ...] [--times N] [--keep DIR]

Survived means: nothing lost, nothing executed, no hang over 60 s, no traceback on the screen, the right exit code.
The same with pytest: ``.venv/bin/python -m pytest -m campaign tests/campaign``.
"""
import argparse
import contextlib
import site
import sys
import tempfile
from pathlib import Path

site.addsitedir(str(Path(__file__).resolve().parents[1]))
from campaign.classes import CLASSES  # noqa: E402
from campaign.frame import run_class, table  # noqa: E402


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description='Run a fault campaign')
    parser.add_argument('classes', nargs='*', metavar='CLASS', help=f'classes of faults: {", ".join(CLASSES)}')
    parser.add_argument(
        '--times',
        type=int,
        metavar='N',
        help="tries of each random fault; minutes of live_soak (default: the class's own)")
    parser.add_argument('--keep', metavar='DIR', help='keep the files of the trials in this folder')
    args = parser.parse_args()
    unknown = [name for name in args.classes if name not in CLASSES]
    if unknown:
        parser.error(f'no class {", ".join(unknown)}; there are {", ".join(CLASSES)}')
    if args.times is not None and args.times < 1:
        parser.error(f'--times {args.times}: at least 1')
    return args


def main() -> int:
    """Runs the classes one by one.

    Returns:
        int: Exit code, 1 if something did not survive.
    """
    args = parse_args()
    with contextlib.ExitStack() as stack:
        root = Path(args.keep or stack.enter_context(tempfile.TemporaryDirectory(prefix='campaign_'))).resolve()
        tallies = [
            run_class(name, root / name, args.times, lambda line: print(line, file=sys.stderr, flush=True))
            for name in args.classes or CLASSES
        ]
    print(table(tallies))
    return int(any(tally.faults for tally in tallies))


if __name__ == '__main__':
    sys.exit(main())
