"""``mmstep completion SHELL`` prints a script with which the shell completes subcommands, arguments and files.

mmstep completion bash > ~/.local/share/bash-completion/completions/mmstep mmstep completion zsh > ~/.zfunc/_mmstep

The script holds all names, so that pressing Tab starts no Python.
"""
import argparse
import importlib
from typing import Optional, Sequence

from .missing import explain_missing, missing_stack
from .subcommands import SUBCOMMANDS

EXAMPLE = 'example: %(prog)s bash > ~/.local/share/bash-completion/completions/mmstep'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Print a script that completes mmstep in a shell'
    parser.epilog = EXAMPLE
    parser.add_argument('shell', choices=['bash', 'zsh', 'tcsh'])


def whole_parser() -> argparse.ArgumentParser:
    """The parser of all subcommands.

    Returns:
        argparse.ArgumentParser: With a subparser for each; without arguments where an extra is not installed.
    """
    parser = argparse.ArgumentParser(prog='mmstep')
    parsers = parser.add_subparsers()
    for name, item in SUBCOMMANDS.items():
        child = parsers.add_parser(name, help=item.summary)
        try:
            module = importlib.import_module(item.module)
        except ModuleNotFoundError:
            if item.extra is None:
                raise
            continue  # of an extra that is not installed
        module.add_arguments(child)
    return parser


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Prints the script.

    Args:
        argv (Sequence[str], optional): The words after ``mmstep completion``. Defaults to those of the process.

    Returns:
        int: Exit code.
    """
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(argv)
    try:
        import shtab
    except ModuleNotFoundError:
        parser.exit(1, "\nError: completion scripts are made by shtab:  pip install 'mmstep[completion]'\n")
    missing = missing_stack()
    if missing:
        parser.exit(1, f'\nError: {explain_missing(missing)}\n')
    print(shtab.complete(whole_parser(), args.shell))
    return 0
