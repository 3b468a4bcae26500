"""Detections as a JSON file that is written as they come."""
import json
from typing import Optional

from mmstep.utils import AtomicFile, cannot_write
from ..persons.detections import KeyFrame


class DetectionLog:
    """Writes one JSON object: the fields of a header, then ``detections``, one key time a line, then ``broken_from``
    and ``complete``.

    Each line is written at once, under the temporary name of an :class:`AtomicFile`, and the file gets its own name at
    the end. As a context manager it does so also when the work in it is broken off: it then holds what there was, with
    ``"complete": false``.

    Args:
        path (str): The file; an existing one is replaced at the end.
        header (dict): First fields.

    Raises:
        LaunchError: If the file cannot be written.
    """

    def __init__(self, path: str, header: dict) -> None:
        self.path = path
        self.broken_from: Optional[float] = None
        self.complete = False
        self._whole = AtomicFile(path, make_folder=True)
        try:
            self._file = open(self._whole.temporary, 'w', encoding='utf-8')
        except OSError as error:
            raise cannot_write(path, error) from error
        self._file.write('{\n' + ''.join(f'{_field(*item)},\n' for item in header.items()) + ' "detections": [')
        self._separator = '\n  '

    def add(self, key_frame: KeyFrame) -> None:
        """Appends a key time."""
        try:
            self._file.write(self._separator + json.dumps(key_frame.to_dict(), ensure_ascii=False))
            self._file.flush()
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self._separator = ',\n  '

    def close(self) -> None:
        """Ends the file and gives it its name.

        Set :attr:`complete` and :attr:`broken_from` before.
        """
        ending = dict(broken_from=self.broken_from, complete=self.complete)
        try:
            self._file.write('\n ],\n' + ',\n'.join(_field(*item) for item in ending.items()) + '\n}\n')
            self._file.close()
        except OSError as error:
            hint = f'What was found so far is in {self._whole.temporary}.'
            raise cannot_write(self.path, error, hint) from error
        self._whole.finish()

    def __enter__(self) -> 'DetectionLog':
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _field(key: str, value) -> str:
    return f' {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}'
