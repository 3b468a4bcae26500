"""From ``mmstep NAME ...`` to the module that does it."""
import argparse
import difflib
import importlib
import sys
from typing import Optional, Sequence

from .missing import explain_missing, missing_stack
from .rephrase import rephrase
from .subcommands import GROUPS, SUBCOMMANDS

EXAMPLES = """\
examples:
  mmstep setup                             once, after pip install
  mmstep detect video.mp4 --out out.mp4    with the model that comes with mmstep
  mmstep train my_config.py                then: mmstep detect video.mp4 my_config.py work_dirs/my_config/iter_1200.pth
  mmstep NAME --help                       what a subcommand takes
"""


def make_parser() -> argparse.ArgumentParser:
    """Makes the parser of what stands before a subcommand.

    Returns:
        argparse.ArgumentParser: Its help lists the subcommands.
    """
    lines = []
    for title, group in GROUPS.items():
        lines += ['', f'{title}:', *(f'  {name:<12}{item.summary}' for name, item in group.items())]
    return argparse.ArgumentParser(
        prog='mmstep',
        usage='mmstep NAME ...',
        description='Who does what, when and where in a video: STEP for MMAction2.\n' + '\n'.join(lines),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter)


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Runs the command.

    Args:
        argv (Sequence[str], optional): Its words after ``mmstep``. Defaults to those of the process.

    Returns:
        int: Exit code.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    parser = make_parser()
    parser.add_argument('--version', action='store_true', help='versions of mmstep and of the stack')
    if words and words[0] == '--version':
        from .versions import versions
        print(versions())
        return 0
    if not words or words[0].startswith('-'):
        parser.parse_args(words)
        parser.print_help()
        return 0
    name = words.pop(0)
    if name not in SUBCOMMANDS:
        near = difflib.get_close_matches(name, SUBCOMMANDS, n=2)
        parser.error(f'there is no {name!r}. ' + (f'Did you mean {" or ".join(near)}?' if near else 'mmstep --help '
                                                  'lists what there is'))
    return run(name, words)


def run(name: str, words: Sequence[str]) -> int:
    """Runs a subcommand.

    Args:
        name (str): Its name.
        words (Sequence[str]): The words after it.

    Returns:
        int: Exit code.
    """
    subcommand = SUBCOMMANDS[name]
    sys.argv = [f'mmstep {name}', *words]  # the name that its help and its errors say
    if subcommand.module.startswith('mmstep_command.'):
        return importlib.import_module(subcommand.module).main()
    missing = missing_stack()
    if missing:
        return complain(explain_missing(missing))
    try:
        importlib.import_module('mmstep')
    except ImportError as error:  # versions that do not fit, or mmcv without operators; the message says what to do
        return complain(str(error))
    from mmstep.engine.launch import run_tool
    try:
        module = importlib.import_module(subcommand.module)
    except ModuleNotFoundError as error:
        if subcommand.extra is None:
            raise
        return complain(f"mmstep {name} needs {error.name}:  pip install 'mmstep[{subcommand.extra}]'")
    run_tool(module.main, rephrase)
    return 0


def complain(message: str) -> int:
    """Says what is wrong; returns the exit code."""
    print(f'\nError: {message}', file=sys.stderr)
    return 1
