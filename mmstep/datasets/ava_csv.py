"""Strict readers of AVA's text files: annotations, excluded seconds and label maps.

AVA's own files are clean; files made by users are not, and a wrong row otherwise shows up much later as a model that
does not learn. So every row is checked, and the message names file and line, what is wrong and what to do.
"""
import logging
import re
import sys
from typing import Callable, Collection, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from mmengine.logging import print_log

from mmstep.errors import DataError
from mmstep.utils.quoting import one_line
from .ava_files import MOST_CLASSES, MOST_SECONDS, Second, check_custom_classes, iter_csv, parse_second, read_label_map

__all__ = [
    'AVARow', 'Box', 'SOMEBODY', 'check_custom_classes', 'iter_csv', 'read_annotations', 'read_excluded',
    'read_label_map'
]

Box = Tuple[float, float, float, float]

COLUMNS = ('video_id', 'timestamp', 'x1', 'y1', 'x2', 'y2', 'action_id', 'entity_id')
# Coordinates that leave [0, 1] by no more than this are rounding of the annotation tool and are clipped.
BOX_TOLERANCE = 1e-3
SOMEBODY = 'nobody is in second {0.timestamp} of {0.video_id} by this line, and somebody by others: delete one'


class AVARow(NamedTuple):
    """One line of an annotation file: one action of one actor at one key second.

    Attributes:
        line (int): Line number in the file, from 1.
        video_id (str): Name of the video without extension.
        timestamp (int or float): The key second; an int where it is whole.
        box (tuple[float]): x1, y1, x2, y2 as fractions of the frame, x1 < x2 and y1 < y2.
        label (int): Action id, 1 or more.
        entity_id (int): Names the actor within its video; negative: unknown.
    """
    line: int
    video_id: str
    timestamp: Second
    box: Box
    label: int
    entity_id: int


def _parse_row(line: int, fields: List[str]) -> AVARow:
    """Converts one line of an annotation file, see :class:`AVARow`."""
    try:
        video_id, timestamp, x1, y1, x2, y2, label, entity_id = fields
        # Interned, for AVA's hundreds of thousands of lines share a few hundred names.
        box = (float(x1), float(y1), float(x2), float(y2))
        row = AVARow(line, sys.intern(video_id.strip()), parse_second(timestamp), box, int(label), int(entity_id))
    except ValueError:
        raise DataError(_explain(fields)) from None
    return row._replace(box=_clipped_box(row.box)) if not _in_frame(row.box) else row


def _parse_empty(line: int, fields: List[str]) -> AVARow:
    """Converts a line that says that nobody is there."""
    try:
        second = parse_second(fields[1])
    except ValueError:
        raise DataError(f'timestamp is {one_line(fields[1])!r}, it must be a number') from None
    if not fields[0].strip() or abs(second) > MOST_SECONDS:
        raise DataError(f'{one_line(",".join(fields[:2]))} is no video and second')
    return AVARow(line, sys.intern(fields[0].strip()), second, (0., 0., 0., 0.), 0, -1)


def _explain(fields: List[str]) -> str:
    """Says why a line could not be converted."""
    if len(fields) != len(COLUMNS):
        return f'{len(fields)} columns, {len(COLUMNS)} are needed: {",".join(COLUMNS)}'
    kinds: Dict[str, Tuple[Callable, str]] = dict.fromkeys(COLUMNS, (float, 'a number'))
    kinds['timestamp'] = (parse_second, 'a number')
    kinds.update(dict.fromkeys(('action_id', 'entity_id'), (int, 'an integer')))
    for name, text in list(zip(COLUMNS, fields))[1:]:
        kind, wanted = kinds[name]
        try:
            kind(text)
        except ValueError:
            if not text.strip():
                return f'{name} is empty, it must be {wanted}. Drop lines without annotation'
            return f'{name} is {one_line(text)!r}, it must be {wanted}'
    raise AssertionError(f'{fields} can be converted')


def _check_range(row: AVARow) -> None:
    """Refuses numbers that nobody can mean, and that are too large to compute with."""
    numbers = dict(timestamp=row.timestamp, action_id=row.label, entity_id=row.entity_id)
    for (name, value), most in zip(numbers.items(), (MOST_SECONDS, MOST_CLASSES, 2**62)):
        if abs(value) > most:
            raise DataError(f'{name} is {one_line(value)}, and {most} is the most')


def _in_frame(box: Box) -> bool:
    """Whether a box is right as it stands; false if any coordinate is NaN."""
    x1, y1, x2, y2 = box
    return 0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1


def _clipped_box(box: Box) -> Box:
    """Clips coordinates that leave the frame by rounding; raises if that does not make the box right."""
    text = f'box ({", ".join(f"{value:g}" for value in box)})'
    if not all(-BOX_TOLERANCE <= value <= 1 + BOX_TOLERANCE for value in box):
        raise DataError(f'{text} leaves 0..1. Coordinates are fractions of the frame: divide x by its width '
                        'and y by its height')
    clipped = (max(box[0], 0.), max(box[1], 0.), min(box[2], 1.), min(box[3], 1.))
    if not _in_frame(clipped):
        raise DataError(f'{text} has x1 >= x2 or y1 >= y2. The order is x1, y1, x2, y2: left, top, right, bottom')
    return clipped


def _is_header(fields: List[str]) -> bool:
    """Whether a line holds names of columns: words where every number should be."""
    return len(fields) > 2 and all(re.fullmatch(r' *[A-Za-z_][A-Za-z_ 0-9]*', field) for field in fields[1:])


def read_annotations(path: str,
                     labels: Optional[Collection[int]] = None,
                     labels_name: str = '',
                     on_fault: Optional[Callable[[str], None]] = None,
                     on_empty: Optional[Callable[[AVARow], None]] = None) -> Iterator[AVARow]:
    """Reads an annotation file in AVA's format: eight columns, no header.

    A line with nothing after the timestamp, as AVA-Kinetics has them, says that nobody is there in that second.

    Args:
        path (str): The csv file.
        labels (Collection[int], optional): The permitted action ids. Defaults to None: any from 1.
        labels_name (str): Where ``labels`` come from, for messages.
        on_fault (Callable, optional): Is called with each bad line's message, and the line left out. Defaults to None:
            the first one is raised.
        on_empty (Callable, optional): Is called with each line that says that nobody is there; its label is 0.

    Yields:
        AVARow: The lines in the order of the file. A line that is there again is left out, since it would be one more
            person to find; a warning says how many there are.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: On the first bad line; the message starts with ``file:line:``.
    """
    seen: Set[tuple] = set()
    repeated, first = 0, 0
    for line, fields in iter_csv(path, 'annotation file'):
        try:
            if line == 1 and _is_header(fields):
                raise DataError(
                    f'this is a header ({one_line(",".join(fields))}); AVA files have none. Delete the line, for '
                    f'example with: sed -i 1d {path}')
            if len(fields) > 1 and not ''.join(fields[2:]).strip():
                empty = _parse_empty(line, fields)
                if on_empty is not None:
                    on_empty(empty)
                continue
            row = _parse_row(line, fields)
            if not row.video_id:
                raise DataError('video_id is empty')
            _check_range(row)
            if row.label < 1:
                raise DataError(f'action_id is {row.label}, ids start at 1')
            if labels is not None and row.label not in labels:
                raise DataError(f'action_id {row.label} is not in {labels_name}. Correct the line or that setting, '
                                'or set custom_classes to use only some of the classes')
        except ValueError as error:
            if on_fault is None:
                raise DataError(f'{path}:{line}: {error}') from None
            on_fault(f'{path}:{line}: {error}')
            continue
        if row[1:] in seen:
            repeated += 1
            first = first or line
            continue
        seen.add(row[1:])
        yield row
    if repeated:
        print_log(
            f'{path}: {repeated} lines are repetitions of others and are left out, the first in line {first}',
            logger='current',
            level=logging.WARNING)


def read_excluded(path: str) -> Set[Tuple[str, Second]]:
    """Reads a file of excluded key seconds with the columns ``video_id,timestamp``.

    Args:
        path (str): The csv file; it may be empty.

    Returns:
        set[tuple[str, int | float]]: The excluded (video id, second) pairs.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: On a bad line; the message starts with ``file:line:``.
    """
    excluded = set()
    for line, fields in iter_csv(path, 'file of excluded timestamps'):
        try:
            if len(fields) != 2:
                raise DataError(f'{len(fields)} columns, 2 are needed: video_id,timestamp')
            if not re.fullmatch(r' *\d+(\.\d+)? *', fields[1]):
                raise DataError(f'timestamp is {one_line(fields[1])!r}, it must be a number')
            if float(fields[1]) > MOST_SECONDS:
                raise DataError(f'timestamp is {one_line(fields[1])}, and {MOST_SECONDS} is the most')
            excluded.add((fields[0].strip(), parse_second(fields[1])))
        except ValueError as error:
            raise DataError(f'{path}:{line}: {error}') from None
    return excluded
