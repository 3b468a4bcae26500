"""Lists the models by name, and whether there are weights: ``mmstep models``."""
import argparse
from typing import Optional, Sequence

from mmstep.engine.model_zoo import find_model, list_models


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'List the models, whose names stand for their configs everywhere, and their weights'
    parser.epilog = 'example: %(prog)s vgg16'
    parser.add_argument('part', nargs='?', default='', help='only names with this in them')


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Prints the table.

    Args:
        argv (Sequence[str], optional): The words of the command line. Defaults to those of the process.
    """
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(argv)
    names = [name for name in list_models() if args.part.lower() in name.lower()]
    if not names:
        parser.error(f'no model has {args.part!r} in its name')
    width = max(map(len, names))
    for name in names:
        print(f'{name:<{width}}  {find_model(name)[1] or "to be trained"}')
