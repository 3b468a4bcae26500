"""Strict readers of AVA's text files: annotations, excluded seconds and label maps.

AVA's own files are clean; files made by users are not, and a wrong row otherwise shows up much later as a model that
does not learn. So every row is checked, and the message names file and line, what is wrong and what to do.
"""
import csv
import logging
import os.path as osp
import re
import sys
from typing import Callable, Collection, Dict, Iterator, List, NamedTuple, Optional, Set, TextIO, Tuple

from mmengine.logging import print_log

from mmstep.errors import DataError, MissingDataError
from mmstep.utils.quoting import is_one_line, one_line

Box = Tuple[float, float, float, float]

COLUMNS = ('video_id', 'timestamp', 'x1', 'y1', 'x2', 'y2', 'action_id', 'entity_id')
# Coordinates that leave [0, 1] by no more than this are rounding of the annotation tool and are clipped.
BOX_TOLERANCE = 1e-3
# More is a mistake that would fill the memory: a window is made of each second between the first and the last one.
MOST_SECONDS = 10**7
MOST_CLASSES = 99999


class AVARow(NamedTuple):
    """One line of an annotation file: one action of one actor at one key second.

    Attributes:
        line (int): Line number in the file, from 1.
        video_id (str): Name of the video without extension.
        timestamp (int): The key second.
        box (tuple[float]): x1, y1, x2, y2 as fractions of the frame, x1 < x2 and y1 < y2.
        label (int): Action id, 1 or more.
        entity_id (int): Names the actor within its video; negative: unknown.
    """
    line: int
    video_id: str
    timestamp: int
    box: Box
    label: int
    entity_id: int


def iter_csv(path: str, what: str) -> Iterator[Tuple[int, List[str]]]:
    """Yields the non-blank lines of a csv file.

    Args:
        path (str): The file, UTF-8 (with or without a byte-order mark).
        what (str): What the file is, for messages.

    Yields:
        tuple[int, list[str]]: Line number from 1 and fields.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not UTF-8 text.
    """
    if not osp.isfile(path):
        raise MissingDataError(f'{what} {path} does not exist')
    with _open(path, what) as file:
        reader = csv.reader(file)
        try:
            for fields in reader:
                if len(fields) > 1 or ''.join(fields).strip():
                    if not all(map(str.isprintable, fields)) and not all(map(is_one_line, fields)):
                        raise DataError(f'{path}:{reader.line_num}: a line break or a control character in a field')
                    yield reader.line_num, fields
        except (UnicodeDecodeError, csv.Error) as error:
            raise DataError(f'{path}:{reader.line_num + 1}: not a text file in UTF-8 ({one_line(str(error), 200)}). '
                            f'Save the {what} as plain comma-separated text') from error


def _open(path: str, what: str) -> TextIO:
    """Opens a text file."""
    try:
        return open(path, newline='', encoding='utf-8-sig')
    except OSError as error:
        raise DataError(f'{what} {path} cannot be read: {error.strerror}') from error


def _parse_row(line: int, fields: List[str]) -> AVARow:
    """Converts one line of an annotation file, see :class:`AVARow`."""
    try:
        video_id, timestamp, x1, y1, x2, y2, label, entity_id = fields
        # Interned, for AVA's hundreds of thousands of lines share a few hundred names.
        box = (float(x1), float(y1), float(x2), float(y2))
        row = AVARow(line, sys.intern(video_id.strip()), int(timestamp), box, int(label), int(entity_id))
    except ValueError:
        raise DataError(_explain(fields)) from None
    return row._replace(box=_clipped_box(row.box)) if not _in_frame(row.box) else row


def _explain(fields: List[str]) -> str:
    """Says why a line could not be converted."""
    if len(fields) != len(COLUMNS):
        return f'{len(fields)} columns, {len(COLUMNS)} are needed: {",".join(COLUMNS)}'
    kinds: Dict[str, Tuple[type, str]] = dict.fromkeys(COLUMNS, (float, 'a number'))
    kinds.update(dict.fromkeys(('timestamp', 'action_id', 'entity_id'), (int, 'an integer')))
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
                     on_fault: Optional[Callable[[str], None]] = None) -> Iterator[AVARow]:
    """Reads an annotation file in AVA's format: eight columns, no header.

    Args:
        path (str): The csv file.
        labels (Collection[int], optional): The permitted action ids. Defaults to None: any from 1.
        labels_name (str): Where ``labels`` come from, for messages.
        on_fault (Callable, optional): Is called with each bad line's message, and the line left out. Defaults to None:
            the first one is raised.

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


def read_excluded(path: str) -> Set[Tuple[str, int]]:
    """Reads a file of excluded key seconds with the columns ``video_id,timestamp``.

    Args:
        path (str): The csv file; it may be empty.

    Returns:
        set[tuple[str, int]]: The excluded (video id, second) pairs.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: On a bad line; the message starts with ``file:line:``.
    """
    excluded = set()
    for line, fields in iter_csv(path, 'file of excluded timestamps'):
        try:
            if len(fields) != 2:
                raise DataError(f'{len(fields)} columns, 2 are needed: video_id,timestamp')
            if not re.fullmatch(r' *\d+ *', fields[1]):
                raise DataError(f'timestamp is {one_line(fields[1])!r}, it must be an integer')
            if int(fields[1]) > MOST_SECONDS:
                raise DataError(f'timestamp is {one_line(fields[1])}, and {MOST_SECONDS} is the most')
            excluded.add((fields[0].strip(), int(fields[1])))
        except ValueError as error:
            raise DataError(f'{path}:{line}: {error}') from None
    return excluded


def read_label_map(path: str) -> Dict[int, str]:
    """Reads a label map (``.pbtxt``) of AVA in either of its two spellings.

    Args:
        path (str): A file of ``item { name: "..." id: 1 }`` or ``label { name: "..." label_id: 1 }`` blocks.

    Returns:
        dict[int, str]: Name of each action id, in the order of the file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a block lacks its name or id, an id occurs twice, or there is none at all.

    Example:
        >>> read_label_map('ava_action_list_v2.2.pbtxt')[1]
        'bend/bow (at the waist)'
    """
    if not osp.isfile(path):
        raise MissingDataError(f'label map {path} does not exist')
    label_map: Dict[int, str] = {}
    name = None
    for line, text in enumerate(_lines(path), 1):
        found_name = re.match(r'\s*name:\s*(["\'])(.*)\1\s*$', text)
        found_id = re.match(r'\s*(?:id|label_id):\s*([0-9]+)\s*$', text)
        if found_name:
            name = found_name.group(2)
            if not is_one_line(name):
                raise DataError(f'{path}:{line}: the name {one_line(name)} has a control character')
        elif found_id:
            label_id = int(found_id.group(1)[:20])
            if label_id > MOST_CLASSES:
                raise DataError(f'{path}:{line}: id {label_id} is too large, {MOST_CLASSES} is the most')
            if name is None:
                raise DataError(f'{path}:{line}: id {label_id} has no name line before it')
            if label_id in label_map:
                raise DataError(f'{path}:{line}: id {label_id} is used twice')
            label_map[label_id] = name
            name = None
    if not label_map:
        raise DataError(f'{path} names no class. Expected blocks like: item {{ name: "walk" id: 1 }}, '
                        'each part on its own line')
    return label_map


def _lines(path: str) -> Iterator[str]:
    """The lines of a label map."""
    with _open(path, 'label map') as file:
        try:
            yield from file
        except UnicodeDecodeError as error:
            raise DataError(f'label map {path} is not a text file in UTF-8 ({error})') from error


def check_custom_classes(custom_classes: List[int], num_classes: int, label_file: Optional[str]) -> None:
    """Compares the wanted classes with the label map and the number of classes.

    Args:
        custom_classes (list[int]): Action ids.
        num_classes (int): Number of classes + 1.
        label_file (str, optional): Label map.

    Raises:
        DataError: If they do not fit.
    """
    if label_file is None:
        raise DataError('custom_classes needs label_file')
    unknown = sorted(set(custom_classes) - set(read_label_map(label_file)))
    if unknown:
        raise DataError(f'custom_classes {unknown} are not in the label map {label_file}')
    if num_classes != len(custom_classes) + 1:
        raise DataError(f'num_classes={num_classes} does not fit {len(custom_classes)} custom_classes: set '
                        f'num_classes={len(custom_classes) + 1}, one more for the unused class 0')
