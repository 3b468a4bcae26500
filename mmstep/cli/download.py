"""Fetches weights of other projects, or says where they are.

``mmstep download`` prints the table, ``mmstep download slowonly-r50`` fetches one.

The files lie where PyTorch and MMEngine keep what they download, so that configs find them there. A file that cannot
be fetched, or checked, is explained: its page, its licence, and which converter takes it.
"""
import argparse
from functools import partial
from typing import Optional, Sequence

from mmstep.checkpoints.sources import SOURCES, cache_folder, download, find_source
from mmstep.engine.arguments import read_arguments
from mmstep.errors import LaunchError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command line.

    Args:
        parser (argparse.ArgumentParser): What reads it.
    """
    parser.description = 'Fetch weights of other projects, or say where they are'
    parser.epilog = 'example: %(prog)s slowonly-r50'
    parser.add_argument('names', nargs='*', metavar='NAME', help='what to fetch; without one the table is printed')
    parser.add_argument('--folder', help=f'where to put the files (default: {cache_folder()})')


parse_args = partial(read_arguments, add_arguments)


def main(argv: Optional[Sequence[str]] = None) -> None:
    """Fetches or explains.

    Args:
        argv (Sequence[str], optional): See :func:`parse_args`.

    Raises:
        LaunchError: If a file has not been fetched; the others have been.
    """
    args = parse_args(argv)
    if not args.names:
        for source in SOURCES:
            fetched = '' if source.address else '   (from its page)'
            print(f'{source.name:<16}{source.megabytes:>4} MB   {source.what}; {source.licence}{fetched}')
        return
    missing = []
    for source in [find_source(name) for name in args.names]:
        if source.address is None:
            missing.append(source.name)
            print(source.explain())
            continue
        path = download(source, args.folder)
        print(f'{source.name}: {path}\nLicence: {source.licence}\nThen: {source.convert.format(file=path)}')
    if missing:
        raise LaunchError(f'not fetched: {", ".join(missing)}; the lines above say where to find it')
