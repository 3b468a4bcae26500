"""Works off the runs of studies, several at once, each in a process of its own with one thread."""
import ctypes
import os
import signal
import subprocess
import sys
import time
from typing import Dict, Iterator, List, NamedTuple, Optional

from .runs import Scoring, Training, commands
from .study_file import ROOT


class Process(NamedTuple):
    """A command that is running.

    Attributes:
        what (str): What it does.
        popen (subprocess.Popen): The process.
        log (Path): Where its output goes.
        finish (callable): Takes its seconds and CPU seconds when it has ended well.
        began (float): When, by time.monotonic.
        training (Training): The training that it belongs to.
        rest (Iterator): What is to do for that training afterwards.
        first_iteration (int): Where the training stood when it began.
    """
    what: str
    popen: subprocess.Popen
    log: object
    finish: object
    began: float
    training: Training
    rest: Iterator
    first_iteration: int


def work_off(scorings: List[Scoring], jobs: int, interval: float = 60.) -> List[str]:
    """Trains and scores what is missing.

    Of what is there nothing is run again, and a training that was interrupted goes on from its last checkpoint. The
    processes end with this one, however that ends.

    Args:
        scorings (list[Scoring]): In order of worth.
        jobs (int): Processes at once.
        interval (float): Seconds between two lines about the progress.

    Returns:
        list[str]: What failed, a line each.
    """
    trainings: Dict[str, Training] = {}
    own: Dict[str, List[Scoring]] = {}
    fused: List[Scoring] = []
    for scoring in scorings:
        for training in scoring.trainings:
            trainings.setdefault(training.key, training)
            own.setdefault(training.key, [])
        (fused if len(scoring.trainings) > 1 else own[scoring.trainings[0].key]).append(scoring)
    waiting = [(training, commands(training, own[key])) for key, training in trainings.items()]
    failures: List[str] = []
    _work_off(waiting, jobs, interval, failures, list(trainings.values()))
    # Fusions need several trainings.
    waiting = [(scoring.trainings[0], commands(scoring.trainings[0], [scoring])) for scoring in fused
               if all(training.is_done() for training in scoring.trainings)]  # yapf: disable
    _work_off(waiting, jobs, interval, failures, [])
    return failures


def _work_off(waiting: List[tuple], jobs: int, interval: float, failures: List[str],
              trainings: List[Training]) -> None:
    running: List[Process] = []
    begun, said = time.monotonic(), time.monotonic()
    pace = Pace()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                training, rest = waiting.pop(0)
                running += _start(training, rest)
            time.sleep(0.2)
            for process in list(running):
                ended = _wait(process)
                if ended is None:
                    continue
                running.remove(process)
                code, cpu_seconds = ended
                if code:
                    failures.append(f'{process.what}: exit code {code}, see {process.log}')
                    print(failures[-1], file=sys.stderr, flush=True)
                else:
                    process.finish(time.monotonic() - process.began, cpu_seconds)
                    print(f'{process.what}: done in {time.monotonic() - process.began:.0f} s', flush=True)
                running += _start(process.training, process.rest)
            if time.monotonic() - said >= interval:
                said = time.monotonic()
                print(pace.line(trainings, running, said - begun), flush=True)
    finally:
        for process in running:
            process.popen.terminate()


class Pace:
    """How fast trainings go, and so how long the rest takes."""

    def __init__(self) -> None:
        self._start: Optional[int] = None

    def line(self, trainings: List[Training], running: List[Process], seconds: float) -> str:
        """A line about the progress.

        Args:
            trainings (list[Training]): All that are to be there at the end.
            running (list[Process]): What is running.
            seconds (float): How long ago the work began.

        Returns:
            str: Trainings done and running, and the time that the rest will take at the pace so far.
        """
        whole = sum(training.iterations for training in trainings)
        now = sum(training.iteration() for training in trainings)
        if self._start is None:
            self._start, self._since = now, seconds
        gained = now - self._start
        left = (whole - now) / gained * (seconds - self._since) if gained else None
        done = sum(training.is_done() for training in trainings)
        states = ', '.join(f'{process.what} {process.training.iteration()}/{process.training.iterations}' if process.
                           what.startswith('training') else process.what for process in running)
        return (f'{done} of {len(trainings)} trainings done; ' +
                (f'about {left / 60:.0f} min left; ' if left else '') + f'now: {states}')


def _start(training: Training, rest: Iterator) -> List[Process]:
    """Starts the next command for a training; an empty list if there is none."""
    for what, command, log, finish in rest:
        print(f'{what}: {log}', flush=True)
        environment = dict(os.environ, OMP_NUM_THREADS='1', MKL_NUM_THREADS='1', PYTHONPATH=str(ROOT))
        with open(log, 'ab') as file:
            popen = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                preexec_fn=_end_with_parent)  # yapf: disable
        return [Process(what, popen, log, finish, time.monotonic(), training, rest, training.iteration())]
    return []


def _wait(process: Process) -> Optional[tuple]:
    """Exit code and CPU seconds of a process and its children, once it has ended."""
    pid, status, usage = os.wait4(process.popen.pid, os.WNOHANG)
    if pid == 0:
        return None
    process.popen.returncode = os.waitstatus_to_exitcode(status)
    return process.popen.returncode, usage.ru_utime + usage.ru_stime


def _end_with_parent() -> None:
    """Has Linux end this process when its parent is gone: after kill -9 nobody else would."""
    if sys.platform == 'linux':
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
