"""Key frames of a video that is being worked on, so that a run that is killed goes on in its middle."""
import json
import os
import time
from typing import List

from mmstep.utils import cannot_write
from ..persons.detections import Detection, KeyFrame

KEPT = 'What is done is kept: run the same command again when that is put right.'


class KeyFrameJournal:
    """Appends key frames to a file, a JSON line each after a line that says of what video they are.

    Numbers are kept to the last bit. Flushed every ``interval`` seconds; a video finished before the first flush
    leaves no file.

    Args:
        path (str): The file; its folder is made. An older one is replaced.
        header (dict): What tells this video from others, JSON.
        before (list[KeyFrame]): Its key frames so far.
        interval (float): Seconds between two writes. Defaults to 10.
    """

    def __init__(self, path: str, header: dict, before: List[KeyFrame], interval: float = 10.0) -> None:
        self._path = path
        self._lines = [json.dumps(header), *map(_line, before)]
        self._mode = 'w'
        self._interval = interval
        self._written = time.monotonic()

    def add(self, key_frame: KeyFrame) -> None:
        """Appends a key frame.

        Raises:
            LaunchError: If the file cannot be written.
        """
        self._lines.append(_line(key_frame))
        if time.monotonic() - self._written < self._interval:
            return
        try:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            with open(self._path, self._mode, encoding='utf-8') as file:
                file.write(''.join(f'{line}\n' for line in self._lines))
        except OSError as error:
            raise cannot_write(self._path, error, KEPT) from error
        self._lines, self._mode, self._written = [], 'a', time.monotonic()


def read_journal(path: str, header: dict) -> List[KeyFrame]:
    """Reads a journal as far as its lines are whole.

    Args:
        path (str): The file.
        header (dict): What has to be in its first line.

    Returns:
        list[KeyFrame]: By time, without person numbers; empty if it is the journal of another video, or has gone with
        the run that wrote it.
    """
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            lines = file.read().split('\n')[:-1]  # what follows the last end of line was cut off in the middle
    except FileNotFoundError:
        return []
    if not lines or lines[0] != json.dumps(header):
        return []
    key_frames = []
    for line in lines[1:]:
        try:
            plain = json.loads(line)
            key_frame = KeyFrame.from_dict(plain)
            key_frame.weak = [Detection.from_dict(person) for person in plain['weak']]
            key_frames.append(key_frame)
        except (ValueError, TypeError, KeyError):  # zeros after a power cut; lists, as older versions wrote
            break
    for key_frame in key_frames:
        for person in (*key_frame.persons, *key_frame.weak):
            person.person_id = None  # matched anew from the first key time on, which brings the matcher up to date
    return key_frames


def _line(key_frame: KeyFrame) -> str:
    # The weak ones too: the matcher goes on from them.
    weak = [person.to_dict(exact=True) for person in key_frame.weak]
    return json.dumps(dict(key_frame.to_dict(exact=True), weak=weak))
