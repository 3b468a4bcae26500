"""Processes that a campaign starts, kills and judges."""
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, List, Optional, Sequence, Union

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / 'tests'
# Seconds after which a process counts as hanging.
HANG = 60
SHOWN, LINES = 400, 3  # of the last words of a process: characters, lines


@dataclass
class Outcome:
    """How a process ended.

    Args:
        code (int): Its exit code; minus the signal's number if one ended it.
        output (str): Standard output and standard error, in one.
        hung (float): 0, or the seconds after which it was killed because it had not ended.
    """
    code: int
    output: str
    hung: float = 0

    def fault(self, code: Union[int, Sequence[int]] = 0, says: str = '') -> Optional[str]:
        """Judges an end: no hang, no traceback on the screen, the right exit code.

        Args:
            code (int or Sequence[int]): The exit codes that are right.
            says (str): What the output has to contain, a regular expression.

        Returns:
            str or None: What is wrong with it, in one line.
        """
        codes = (code, ) if isinstance(code, int) else tuple(code)
        last = ' / '.join(self.output.strip().splitlines()[-LINES:])[-SHOWN:] or 'nothing'
        if self.hung:
            return f'no end within {self.hung:.0f} s; last said: {last}'
        if 'Traceback (most recent call last)' in self.output:
            return f'a traceback on the screen: {last}'
        if self.code not in codes:
            return f'exit code {self.code}, not {" or ".join(map(str, codes))}: {last}'
        if says and not re.search(says, self.output):
            return f'nothing like "{says}" was said: {last}'
        return None


class Tool:
    """A process in a session of its own, so that a kill reaches all that it started.

    Args:
        words (Sequence): The command; a first word that ends with .py or .sh is a file of the project, run by this
            interpreter or by bash.
        folder (Path): Where it runs.
        limit (float): Seconds that :meth:`end` waits for it. Defaults to 60.
        env: More environment variables.
    """

    def __init__(self, words: Sequence, folder: Path, limit: float = HANG, **env: str) -> None:
        self.limit = limit
        # A file, not a pipe: nobody has to read it while the process runs.
        self._log = open(folder / f'.output_{time.monotonic_ns()}.txt', 'w+', encoding='utf-8', errors='replace')
        settings = {
            'PYTHON': sys.executable,
            'OMP_NUM_THREADS': '1',
            'MKL_NUM_THREADS': '1',
            'PYTHONPATH': os.pathsep.join([str(folder), str(TESTS), str(ROOT)]),
            **env
        }
        self.process = self._start([str(word) for word in words], folder, settings)

    def _start(self, words: List[str], folder: Path, settings: dict):
        for ending, program in (('.py', sys.executable), ('.sh', 'bash')):
            if words[0].endswith(ending):
                words = [program, str(ROOT / words[0]), *words[1:]]
        return subprocess.Popen(
            words,
            cwd=folder,
            env={
                **os.environ,
                **settings
            },
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True)

    def kill(self, after: float = 0) -> bool:
        """Ends it and all that it started with SIGKILL.

        Args:
            after (float): Seconds to wait before.

        Returns:
            bool: Whether it still ran.
        """
        try:
            self.process.wait(after)
        except subprocess.TimeoutExpired:
            pass
        running = self.process.poll() is None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:  # all of it has ended
            pass
        self.process.wait()
        return running

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Waits for something to happen.

        Args:
            condition (Callable): Asked every 10 ms.

        Returns:
            bool: Whether it happened before the process ended or its time was over.
        """
        deadline = time.monotonic() + self.limit
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                return condition()
            time.sleep(0.01)
        return True

    def end(self) -> Outcome:
        """Waits for its end, and kills it if it has none within the limit."""
        hung = 0.
        try:
            self.process.wait(self.limit)
        except subprocess.TimeoutExpired:
            hung = self.limit
        self.kill()
        self._log.seek(0)
        output = self._log.read()
        self._log.close()
        os.remove(self._log.name)
        return Outcome(self.process.returncode, output, hung)


def run_tool(words: Sequence, folder: Path, limit: float = HANG, **env: str) -> Outcome:
    """Runs a process to its end, see :class:`Tool`."""
    return Tool(words, folder, limit, **env).end()
