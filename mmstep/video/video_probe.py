"""Videos are opened in a process of its own first, which a broken one may bring down."""
import json
import select
import subprocess
import sys

from mmstep.errors import VideoError
from . import decord_probe

PROGRAM = decord_probe.__file__
LONGEST_OPENING = 600.0  # seconds


class VideoProbe:
    """Finds videos that no exception tells of: decord ends the whole process on some damaged files, for instance if
    one claims to have a billion frames.
    """

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen([sys.executable, PROGRAM],
                                         stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE,
                                         text=True)

    def check(self, path: str) -> None:
        """Lists a video's frames and forgets them.

        Args:
            path (str): The file.

        Raises:
            VideoError: If that ended the process or does not end. What can be read, and what says itself that it
                cannot, passes.
        """
        self._process.stdin.write(f'{json.dumps(path)}\n')
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], LONGEST_OPENING)[0]:
            self._process.kill()
        if not self._process.stdout.readline():
            code = self._process.wait()
            self._start()
            raise VideoError(f'{path} is damaged in a way that brings down what opens it (exit code {code}). Get it '
                             f'again, or try: ffmpeg -i {path} -c:v libx264 -an repaired.mp4')
