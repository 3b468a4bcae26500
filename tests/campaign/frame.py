"""Runs classes of faults and counts what survived."""
import importlib
import signal
import time
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Tuple

from .classes import CLASSES

# Seconds after which a trial counts as hanging, whatever it does, unless it has a ``limit`` of its own; a process that
# it starts has less (processes.py).
TRIAL_LIMIT = 1200

Trial = Callable[[], Optional[str]]


@dataclass
class Tally:
    """What came of one class of faults.

    Args:
        name (str): The class.
        tried (int): Trials that ran.
        faults (dict[str, str]): Trial -> why it did not survive, in one line.
        seconds (float): How long they took.
    """
    name: str
    tried: int = 0
    faults: Dict[str, str] = field(default_factory=dict)
    seconds: float = 0

    @property
    def survived(self) -> int:
        """int: Trials in which nothing was lost."""
        return self.tried - len(self.faults)


def run_class(name: str,
              folder: Path,
              times: Optional[int] = None,
              say: Callable[[str], None] = lambda line: None) -> Tally:
    """Runs all trials of a class.

    Args:
        name (str): One of ``CLASSES``.
        folder (Path): Where its files lie; made.
        times (int, optional): How often each random fault is tried.
        say (Callable): Called with a line for each trial.

    Returns:
        Tally: Counts and reasons. An exception that a trial raises is a reason, too.
    """
    module, function = CLASSES[name].split(':')
    folder.mkdir(parents=True, exist_ok=True)
    tally = Tally(name)
    start = time.monotonic()
    try:
        for trial, run in getattr(importlib.import_module(module), function)(folder, times):
            reason = attempt(run, getattr(run, 'limit', TRIAL_LIMIT))
            tally.tried += 1
            if reason is not None:
                tally.faults[trial] = reason
            say(f'{name}: {trial}: {reason or "survived"}')
    except Exception as error:  # the class itself is broken: the others still run
        tally.tried += 1
        tally.faults['the class itself'] = describe(error)
        say(f'{name}: {tally.faults["the class itself"]}')
    tally.seconds = time.monotonic() - start
    return tally


def attempt(run: Trial, limit: int = TRIAL_LIMIT) -> Optional[str]:
    """Runs one trial; what it raises, and that it does not end, are reasons as well."""
    try:
        with time_limit(limit):
            reason = run()
    except Exception as error:
        return describe(error)
    return None if reason is None else ' '.join(str(reason).split())


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raises TimeoutError in the main thread after so many seconds."""

    def stop(number, frame):
        raise TimeoutError(f'no end within {seconds} s')

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def describe(error: BaseException) -> str:
    """An exception that nobody expected, with its place, in one line."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return ' '.join(f'{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})'.split())


def table(tallies: List[Tally]) -> str:
    """The table that a campaign prints: class, tried, survived; a line for each trial that did not."""
    rows: List[Tuple[str, ...]] = [('class', 'tried', 'survived', 'minutes')]
    rows += [(t.name, str(t.tried), str(t.survived), f'{t.seconds / 60:.1f}') for t in tallies]
    rows.append(('all', str(sum(t.tried for t in tallies)), str(sum(t.survived for t in tallies)),
                 f'{sum(t.seconds for t in tallies) / 60:.1f}'))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ['  '.join([row[0].ljust(widths[0]), *(row[i].rjust(widths[i]) for i in (1, 2, 3))]) for row in rows]
    lines += [f'{t.name}: {trial}: {reason}' for t in tallies for trial, reason in t.faults.items()]
    return '\n'.join(lines)
