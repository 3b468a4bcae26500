"""Reads changed files by the hundred in child processes, and sees how each of them went."""
import json
import os
import random
import resource
import signal
import time
import zlib
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from helpers.file_faults import judge

TIMES = 3000
BATCH = 100
# A file that takes more than this is a fault; processor time, for the machine may be busy.
SECONDS, MEMORY = 2, 500 * 2**20
HANG = 120


class Kind(NamedTuple):
    """A kind of file.

    Attributes:
        name (str): Name of the file.
        make (Callable): Makes a changed file of a chance.
        read (Callable): Reads a file, as every user of it does.
    """
    name: str
    make: Callable[[random.Random], bytes]
    read: Callable[[str], Any]


def run_kind(kind: Kind, folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Callable]]:
    """Trials of a kind; a hundred are read in one process, so that its end by a signal is seen."""
    reasons: Dict[int, Optional[str]] = {}
    times = times or TIMES
    for number in range(times):

        def trial(number: int = number) -> Optional[str]:
            if number not in reasons:
                run_batch(kind, folder, range(number, min(number + BATCH, times)), reasons)
            return reasons[number]

        yield f'{kind.name} {number}', trial


def run_batch(kind: Kind, folder: Path, numbers: range, reasons: Dict[int, Optional[str]]) -> None:
    """Reads files in a child process, and in another one what is left should it end before the last."""
    left = list(numbers)
    while left:
        log = folder / 'reasons.txt'
        log.write_bytes(b'')
        child = os.fork()
        if child == 0:
            read_files(kind, folder, left, log)
        status = os.waitpid(child, 0)[1]
        for line in log.read_text(encoding='utf-8').splitlines():
            number, reason = json.loads(line)
            reasons[number] = reason
            left.remove(number)
        if left:
            number = left.pop(0)
            how = f'by signal {os.WTERMSIG(status)}' if os.WIFSIGNALED(
                status) else f'with code {os.WEXITSTATUS(status)}'
            reasons[number] = f'the process ended {how}; the file is kept as fault_{number}_{kind.name}'


def make_content(kind: Kind, rng: random.Random) -> bytes:
    """A changed file; an empty one where a writer cannot write what the change led to."""
    try:
        return kind.make(rng)
    except Exception:
        return b''


def read_files(kind: Kind, folder: Path, numbers: List[int], log: Path) -> None:
    """What the child does; it never returns."""
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with open(log, 'a', encoding='utf-8') as file:
            for number in numbers:
                path = folder / kind.name
                content = make_content(kind, random.Random(zlib.crc32(f'{kind.name} {number}'.encode())))
                path.write_bytes(content)
                kept = folder / f'fault_{number}_{kind.name}'
                kept.write_bytes(content)
                signal.alarm(HANG)
                before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, time.process_time()
                reason = judge(kind.read, path)
                seconds = time.process_time() - start
                grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
                signal.alarm(0)
                if seconds > SECONDS or grown > MEMORY:
                    reason = f'{seconds:.1f} s and {grown >> 20} MiB for {len(content)} bytes; {reason}'
                if reason is None:
                    kept.unlink()
                file.write(json.dumps([number, reason]) + '\n')
                file.flush()
    finally:
        os._exit(0)
