"""Tools that start at once and can be killed, as children of a process that has imported what takes seconds."""
import importlib
import multiprocessing
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import List, Optional, Sequence

from .processes import HANG, ROOT, Outcome, Tool

IMPORTS = ('torch', 'cv2', 'av', 'pyarrow.parquet', 'mmengine.runner', 'mmstep', 'mmstep.apis', 'mmstep.apis.archive',
           'mmstep.datasets.checks', 'mmstep.engine', 'mmstep.evaluation', 'mmstep.models.fusion')


class Child:
    """What :class:`subprocess.Popen` offers, for a fork.

    Args:
        words (list[str]): A script of the project and its arguments.
        folder (Path): Where it runs.
        settings (dict): More environment variables.
        log (int): Descriptor of the file that gets what it says.
    """

    def __init__(self, words: List[str], folder: Path, settings: dict, log: int) -> None:
        for name in IMPORTS:
            importlib.import_module(name)
        sys.modules['torch'].set_num_threads(1)
        context = multiprocessing.get_context('fork')
        self._process = context.Process(target=run_script, args=(words, folder, settings, log))
        self._process.start()
        self.pid = self._process.pid

    @property
    def returncode(self) -> Optional[int]:
        """int or None: Its exit code, as of Popen."""
        return self._process.exitcode

    def poll(self) -> Optional[int]:
        """Asks for it."""
        return self.returncode

    def wait(self, timeout: Optional[float] = None) -> int:
        """Waits for its end.

        Raises:
            subprocess.TimeoutExpired: If it has none by then.
        """
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired('fork', timeout or 0)
        return self.returncode


def run_script(words: List[str], folder: Path, settings: dict, log: int) -> None:
    """Makes this process one that runs a script of the project, in a session of its own."""
    os.setsid()
    os.chdir(folder)
    os.environ.update(settings)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    sys.stdout = open(1, 'w', closefd=False, buffering=1)
    sys.stderr = open(2, 'w', closefd=False, buffering=1)
    script = str(ROOT / words[0])
    sys.argv = [script, *words[1:]]
    sys.path[:0] = [os.path.dirname(script), str(folder)]
    runpy.run_path(script, run_name='__main__')


class Fork(Tool):
    """A :class:`Tool` that is a fork of this process: its first instruction runs after milliseconds."""

    def _start(self, words: List[str], folder: Path, settings: dict) -> Child:
        return Child(words, folder, settings, self._log.fileno())


def run_fork(words: Sequence, folder: Path, limit: float = HANG, **env: str) -> Outcome:
    """Runs a tool to its end, see :class:`Fork`."""
    return Fork(words, folder, limit, **env).end()
