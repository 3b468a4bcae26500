"""How the command-line tools start and end: shared arguments, and errors in a line."""
import argparse
import logging
import os
import re
import sys
import time
import traceback
from typing import Callable, Optional, Set

import torch
from mmengine.logging import MMLogger

from mmstep.errors import LaunchError
from mmstep.utils import cannot_write
from .arguments import add_cfg_options
from .screen import quieten_libraries

# Their messages say all; those of other kinds need their kind.
TELLING = (LaunchError, ValueError, RuntimeError, OSError, NotImplementedError)
MOST_LINES = 30
_UNWRITTEN: Set[str] = set()  # log files that were said to be
TORCHRUN = 'TORCHELASTIC_RUN_ID'  # set by torchrun


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
        help='only check the config, that every file it needs is on disk and, for training, every annotation; '
        'dist_*.sh do so before they launch')
    # Read by run_tool, for all tools.
    parser.add_argument('--debug', action='store_true', help='show the traceback of an error, not its message alone')


def run_tool(main: Callable[[], None], rephrase: Callable[[str], str] = str) -> None:
    """Runs a tool's main function; an error ends it with its message alone and exit code 1.

    The traceback goes to the log file of the run, and to the screen with ``--debug``, which every tool takes. With
    several processes on a machine only the first one speaks, or one that alone has failed.

    Args:
        main (Callable): The function.
        rephrase (Callable): What becomes of an error's message before it is said. Defaults to the message itself.
    """
    debug = '--debug' in sys.argv[1:]
    if debug:
        sys.argv.remove('--debug')
    quieten_libraries()
    logging.FileHandler.handleError = _say_once  # type: ignore[assignment, method-assign]
    try:
        main()
    except KeyboardInterrupt:
        print('\nInterrupted.', file=sys.stderr)
        sys.exit(130)
    except Exception as error:  # said in a line, with the traceback in the log file
        if debug:
            raise
        rank = int(os.environ.get('LOCAL_RANK', 0))
        log = _log_traceback()
        message = rephrase(describe_error(error))
        if not isinstance(error, LaunchError):
            message += f'\n(The traceback is in {log}.)' if log else '\n(--debug shows the traceback.)'
        if rank and (torch.distributed.is_initialized() or TORCHRUN in os.environ):
            # What fails everywhere the first process says; the launcher ends the others within this time.
            time.sleep(10)
            print(f'\nError in process {rank}: {message}', file=sys.stderr)
        elif rank == 0:
            print(f'\nError: {message}', file=sys.stderr)
        sys.stderr.flush()
        sys.exit(1)
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def describe_error(error: BaseException) -> str:
    """What an error says to people, without what registries and data workers wrap around it.

    Args:
        error (BaseException): The error.

    Returns:
        str: Its message; that of a kind that seldom speaks for itself (KeyError ...) begins with the kind.
    """
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    kind: Optional[str] = None if isinstance(error, TELLING) else type(error).__name__
    if re.match(r'Caught \w+ in DataLoader worker process', text):
        # Ends with the error as Python prints it: 'package.Kind: message'.
        text = re.split(r'\n(?=[A-Za-z_][\w.]*: )', text)[-1]
        text = re.sub(r'^[A-Za-z_][\w.]*: ', '', text)
    text = re.sub(r'^(class `\w+` in \S+: )+', '', text.strip()) or type(error).__name__
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        lines = lines[:MOST_LINES] + [f'... and {len(lines) - MOST_LINES} lines more']
    return (f'{kind}: ' if kind and lines[0] != kind else '') + '\n'.join(lines)


def _log_traceback() -> Optional[str]:
    """Writes the traceback of the present error into the log file, if there is one; returns its name."""
    handlers = MMLogger.get_current_instance().handlers
    files = [handler for handler in handlers if isinstance(handler, logging.FileHandler)]
    if not files:
        return None
    try:
        with open(files[0].baseFilename, 'a', encoding='utf-8') as file:
            file.write(traceback.format_exc())
    except OSError:  # on a full disk, say
        return None
    return files[0].baseFilename


def _say_once(handler: logging.FileHandler, _: logging.LogRecord) -> None:
    """Says that a log file cannot be written, once for each; Python itself prints a traceback for every line of it."""
    name, error = handler.baseFilename, sys.exc_info()[1]
    if name in _UNWRITTEN:
        return
    _UNWRITTEN.add(name)
    reason = cannot_write(name, error) if isinstance(error, OSError) else f'{name} cannot be written: {error}'
    print(f'\n{reason} The log goes on on the screen alone.', file=sys.stderr)
