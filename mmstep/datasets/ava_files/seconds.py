"""Key times: seconds as AVA's files write them, keys of frames, and where each video begins."""
import math
import re
from typing import Dict, List, Union

from mmstep.errors import DataError
from mmstep.utils.quoting import one_line
from .text_file import iter_csv

# More is a mistake that would fill the memory: a window is made of each second between the first and the last one.
MOST_SECONDS = 10**7
Second = Union[int, float]


def parse_second(text: str) -> Second:
    """A second of a file: whole as AVA's are, or with a fraction, of which milliseconds count.

    Args:
        text (str): '0902', '12.5' ...

    Returns:
        int or float: An int where it is whole, so that 12 and 12.0 are one.

    Raises:
        ValueError: If it is no finite number.

    Example:
        >>> parse_second('0902'), parse_second('12.50'), parse_second('12.0')
        (902, 12.5, 12)
    """
    try:
        return int(text)
    except ValueError:
        value = round(float(text), 3)
        if not math.isfinite(value):
            raise
        return int(value) if value == int(value) else value


def seconds_every(every: float, last: float) -> List[Second]:
    """The key times of a video at even distances, from 0 on.

    Args:
        every (float): Seconds from one to the next, at least 0.001.
        last (float): Second at which the last frame begins; a millisecond more is allowed for rounding.

    Returns:
        list[int | float]: Ascending.

    Example:
        >>> seconds_every(0.5, 1.9)
        [0, 0.5, 1, 1.5]
    """
    return [parse_second(f'{index * every:.3f}') for index in range(int((last + 1e-3) / every) + 1)]


def second_text(second: Second) -> str:
    """A second as a file has it.

    Example:
        >>> second_text(12), second_text(12.5), second_text(12.0)
        ('12', '12.5', '12')
    """
    return f'{second:.3f}'.rstrip('0').rstrip('.')


def image_key(video_id: str, second: Second) -> str:
    """The key of a frame: MMAction2's for whole seconds, and milliseconds with a fraction.

    Example:
        >>> image_key('yard', 12), image_key('yard', 12.5)
        ('yard,0012', 'yard,0012.500')
    """
    return f'{video_id},{key_time(second)}'


def key_time(second: Second) -> str:
    """A second with at least four digits, as it stands in keys and names of files.

    Example:
        >>> key_time(12), key_time(12.5)
        ('0012', '0012.500')
    """
    whole = int(second)
    return f'{whole:04d}' if whole == second else f'{second:08.3f}'


def read_start_seconds(path: str) -> Dict[str, Second]:
    """Reads the second of which each video's first frame is.

    AVA-Kinetics has films cut at second 900 beside clips of ten seconds from anywhere; cameras have clocks.

    Args:
        path (str): A csv file with the columns ``video_id,second``.

    Returns:
        dict[str, int | float]: Second by video.

    Raises:
        MissingDataError: If there is no such file.
        DataError: On a bad line; the message starts with ``file:line:``.
    """
    starts: Dict[str, Second] = {}
    for line, fields in iter_csv(path, 'file of start seconds'):
        if len(fields) != 2:
            raise DataError(f'{path}:{line}: {len(fields)} columns, 2 are needed: video_id,second')
        name = fields[0].strip()
        if not re.fullmatch(r' *-?\d+(\.\d+)? *', fields[1]) or abs(float(fields[1])) > MOST_SECONDS:
            raise DataError(f'{path}:{line}: second is {one_line(fields[1])!r}, it must be a number up to '
                            f'{MOST_SECONDS}')
        if not name or name in starts:
            raise DataError(f'{path}:{line}: the video {one_line(name)!r} is ' + ('there twice' if name else 'empty'))
        starts[name] = parse_second(fields[1])
    return starts
