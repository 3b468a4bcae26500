"""Detections as a JSON file that is written as they come."""
import json
import os
import os.path as osp
from typing import Optional

from ..persons.detections import KeyFrame


class DetectionLog:
    """Writes one JSON object: the fields of a header, then ``detections``, one key time a line, then ``broken_from``
    and ``complete``.

    Each line goes to the disk at once, into ``PATH.part``, which becomes ``PATH`` at the end. As a context manager it
    does so also when the work in it is broken off: the file then holds what there was, with ``"complete": false``.

    Args:
        path (str): The file; an existing one is replaced at the end.
        header (dict): First fields.
    """

    def __init__(self, path: str, header: dict) -> None:
        self.path = path
        self.broken_from: Optional[float] = None
        self.complete = False
        os.makedirs(osp.dirname(osp.abspath(path)), exist_ok=True)
        self._file = open(f'{path}.part', 'w', encoding='utf-8')
        self._file.write('{\n' + ''.join(f'{_field(*item)},\n' for item in header.items()) + ' "detections": [')
        self._separator = '\n  '

    def add(self, key_frame: KeyFrame) -> None:
        """Appends a key time."""
        self._file.write(self._separator + json.dumps(key_frame.to_dict(), ensure_ascii=False))
        self._file.flush()
        self._separator = ',\n  '

    def close(self) -> None:
        """Ends the file and gives it its name.

        Set :attr:`complete` and :attr:`broken_from` before.
        """
        ending = dict(broken_from=self.broken_from, complete=self.complete)
        self._file.write('\n ],\n' + ',\n'.join(_field(*item) for item in ending.items()) + '\n}\n')
        self._file.close()
        os.replace(f'{self.path}.part', self.path)

    def __enter__(self) -> 'DetectionLog':
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _field(key: str, value) -> str:
    return f' {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}'
