"""Detections as a JSON file that is written as they come."""
import json

from mmstep.utils import AtomicFile, cannot_write
from ..persons.detections import KeyFrame
from ..persons.video_result import VideoResult


class DetectionLog:
    """Writes a :class:`VideoResult` as one JSON object, its detections one key time a line.

    Each line is written at once, under the temporary name of an :class:`AtomicFile`, and the file gets its own name at
    the end. As a context manager it does so also when the work in it is broken off: it then holds what there was, with
    ``"complete": false``.

    Args:
        path (str): The file; an existing one is replaced at the end.
        result (VideoResult): The fields before ``detections`` are written at once, those after it at the end, as they
            are then.

    Raises:
        LaunchError: If the file cannot be written.
    """

    def __init__(self, path: str, result: VideoResult) -> None:
        self.path = path
        self._result = result
        names = list(result)
        first = names.index('detections')
        self._ending = names[first + 1:]
        self._whole = AtomicFile(path, make_folder=True)
        try:
            self._file = open(self._whole.temporary, 'w', encoding='utf-8')
        except OSError as error:
            raise cannot_write(path, error) from error
        self._file.write('{\n' + ''.join(f'{self._field(name)},\n' for name in names[:first]) + ' "detections": [')
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
        """Ends the file and gives it its name."""
        try:
            self._file.write('\n ],\n' + ',\n'.join(self._field(name) for name in self._ending) + '\n}\n')
            self._file.close()
        except OSError as error:
            hint = f'What was found so far is in {self._whole.temporary}.'
            raise cannot_write(self.path, error, hint) from error
        self._whole.finish()

    def _field(self, name: str) -> str:
        return f' {json.dumps(name)}: {json.dumps(dict(self._result)[name], ensure_ascii=False)}'

    def __enter__(self) -> 'DetectionLog':
        return self

    def __exit__(self, *_) -> None:
        self.close()


def is_detection_log(path: str) -> bool:
    """Whether a file begins as a :class:`DetectionLog` does, so that it may be replaced by one."""
    start = f'{{\n {json.dumps(next(iter(VideoResult.__annotations__)))}: '.encode()
    with open(path, 'rb') as file:
        return file.read(len(start)) == start
