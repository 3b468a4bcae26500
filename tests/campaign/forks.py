"""Tools of the project that run in forks of this process, which has imported everything: no start-up for each."""
import os
import runpy
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Callable, Sequence, Union

import mmstep.apis  # noqa: F401  in every fork at once
from .processes import HANG, ROOT, Outcome


def run_forked(words: Union[Sequence, Callable[[], None]],
               folder: Path,
               limit: float = HANG,
               prepare: Callable[[], None] = lambda: None) -> Outcome:
    """Runs a tool to its end, as if by ``python TOOL ...``.

    Args:
        words (Sequence or Callable): The tool's path from the project's root, and its arguments; or a function that is
            called in place of a tool.
        folder (Path): Where it runs.
        limit (float): Seconds after which it counts as hanging. Defaults to 60.
        prepare (Callable): Called in the new process before: sets limits, or another user.

    Returns:
        Outcome: How it ended.
    """
    log = folder / f'.output_{time.monotonic_ns()}.txt'
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        _run(words, folder, log, prepare)
    deadline, hung = time.monotonic() + limit, 0.
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            hung, deadline = limit, float('inf')
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.02)
    try:
        os.killpg(child, signal.SIGKILL)  # whoever it has left
    except ProcessLookupError:
        pass
    output = log.read_text(encoding='utf-8', errors='replace') if log.exists() else ''
    log.unlink(missing_ok=True)
    return Outcome(os.waitstatus_to_exitcode(ended[1]), output, hung)


def _run(words: Union[Sequence, Callable[[], None]], folder: Path, log: Path, prepare: Callable[[], None]) -> None:
    """The child's life; does not return."""
    code = 1
    try:
        os.setsid()
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT, 0o666)
        for stream in (1, 2):
            os.dup2(descriptor, stream)
        # Of the child's own: pytest may have put others in their place.
        sys.stdout, sys.stderr = (open(stream, 'w', encoding='utf-8', buffering=1) for stream in (1, 2))
        signal.alarm(0)
        os.chdir(folder)
        prepare()
        if callable(words):
            words()
        else:
            sys.argv = [str(ROOT / words[0]), *map(str, words[1:])]
            sys.path = [os.path.dirname(sys.argv[0]), *sys.path]
            runpy.run_path(sys.argv[0], run_name='__main__')
        code = 0
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # as Python itself ends
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
