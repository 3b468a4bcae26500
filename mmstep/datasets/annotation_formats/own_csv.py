"""Plain tables that people write themselves: a line for each action of a person, or for each box of a tube."""
import os.path as osp
import re
from collections import defaultdict
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from mmstep.errors import DataError
from mmstep.utils.quoting import one_line
from mmstep.video.sources import VIDEO_EXTENSIONS
from ..ava_csv import BOX_TOLERANCE
from ..ava_files import MOST_SECONDS, iter_csv, second_text
from .annotated_tracks import MOST_FRAMES, AnnotatedTrack, AnnotatedVideo
from .ava import AVALine
from .reading import VideoFolder

ACTION_COLUMNS = ('video', 'second', 'x1', 'y1', 'x2', 'y2', 'action', 'person')
TUBE_COLUMNS = ('video', 'tube', 'action', 'frame', 'x1', 'y1', 'x2', 'y2')


class ActionRow(NamedTuple):
    """One action of one person at one second.

    Attributes:
        line (int): Line number in the file, from 1.
        video (str): Name of the video without extension.
        second (float): From the first frame of the video.
        box (tuple[float]): x1, y1, x2, y2 as they are in the file: fractions of the frame, or pixels. Empty where the
            line says that nobody is there.
        action (str): Name of the action; empty where nobody is there.
        person (str): Names the person within the video; empty if unknown.
    """
    line: int
    video: str
    second: float
    box: Tuple[float, ...]
    action: str
    person: str


def read_action_rows(path: str) -> List[ActionRow]:
    """Reads a csv of the columns video, second, x1, y1, x2, y2, action, person.

    A first line with these names is optional, and gives them another order. The person may be left out. A line whose
    box and action are empty says that nobody is there in that second.

    Args:
        path (str): The file.

    Returns:
        list[ActionRow]: At least one.

    Raises:
        MissingDataError: If there is no such file.
        DataError: If a line is wrong; the message starts with ``file:line:``.
    """
    rows = []
    for line, cells in _table(path, ACTION_COLUMNS, needed=2):
        filled = [name for name in ('x1', 'y1', 'x2', 'y2', 'action') if cells[name]]
        second = _number(path, line, 'second', cells['second'], -MOST_SECONDS, MOST_SECONDS)
        if not filled:
            rows.append(ActionRow(line, cells['video'], second, (), '', ''))
            continue
        if len(filled) < 5:
            raise DataError(
                f'{path}:{line}: some of x1, y1, x2, y2, action are empty; all of them are where nobody is '
                'there, none else')
        box = tuple(_number(path, line, name, cells[name], -1e5, 1e5) for name in ('x1', 'y1', 'x2', 'y2'))
        if not (box[0] < box[2] and box[1] < box[3]):
            raise DataError(f'{path}:{line}: box ({", ".join(f"{v:g}" for v in box)}) has x1 >= x2 or y1 >= y2. The '
                            'order is x1, y1, x2, y2: left, top, right, bottom')
        rows.append(ActionRow(line, cells['video'], second, box, cells['action'], cells['person']))
    if not any(row.action for row in rows):
        raise DataError(f'{path} has no line with an action')
    return rows


def in_pixels(rows: Sequence[ActionRow]) -> bool:
    """Whether boxes are in pixels: some coordinate is larger than a fraction can be."""
    return max((max(row.box) for row in rows if row.box), default=0.) > 1 + BOX_TOLERANCE


def lines_of_rows(path: str, rows: Sequence[ActionRow], classes: Sequence[str], videos: VideoFolder) -> List[AVALine]:
    """The same as lines of AVA's csv.

    Args:
        path (str): The file, for messages.
        rows (Sequence[ActionRow]): From :func:`read_action_rows`.
        classes (Sequence[str]): Names of the classes; the first one has id 1.
        videos (VideoFolder): The videos, for their sizes where boxes are in pixels.

    Returns:
        list[AVALine]: In the order of the file.

    Raises:
        DataError: If a box leaves the frame.
        MissingDataError: If boxes are in pixels and a video is missing.
    """
    pixels = in_pixels(rows)
    persons: Dict[str, Dict[str, int]] = defaultdict(dict)
    lines = []
    for row in rows:
        if not row.box:
            lines.append(AVALine(row.video, second_text(row.second), '', '', '', '', '', ''))
            continue
        size = (1., 1.)
        if pixels:
            facts = videos.get(row.video, 'its size, for the boxes are in pixels')
            size = (facts.width, facts.height)
        box = np.array(row.box) / np.array(size * 2)
        if box.min() < -BOX_TOLERANCE or box.max() > 1 + BOX_TOLERANCE:
            raise DataError(f'{path}:{row.line}: box ({", ".join(f"{v:g}" for v in row.box)}) leaves the frame' +
                            (f' of {size[0]}x{size[1]} pixels' if pixels else ', 0..1'))
        x1, y1, x2, y2 = (f'{value:.6f}' for value in box.clip(0, 1))
        person = _person(persons[row.video], row.person)
        lines.append(
            AVALine(row.video, second_text(row.second), x1, y1, x2, y2,
                    classes.index(row.action) + 1, person))
    return lines


def classes_of_rows(rows: Sequence[ActionRow]) -> List[str]:
    """Names of the actions, sorted; numbers by their value."""
    return sorted({row.action for row in rows if row.action}, key=_by_value)


def read_action_csv(path: str,
                    videos: Optional[VideoFolder] = None,
                    attribute: Optional[str] = None) -> List[AnnotatedVideo]:
    """Reads :func:`read_action_rows`' csv as tracks, each box at the frame that is shown at its second.

    Args:
        path (str): The file.
        videos (VideoFolder): The videos, for their sizes and times.
        attribute (str, optional): Is not used; a column says the action.

    Returns:
        list[AnnotatedVideo]: By name.

    Raises:
        MissingDataError: If a file is missing.
        DataError: If a line is wrong.
    """
    folder = videos or VideoFolder()
    rows = read_action_rows(path)
    pixels = in_pixels(rows)
    result = []
    for name in sorted({row.video for row in rows}):
        facts = folder.get(name, 'its size and the times of its frames')
        size = np.ones(4) if pixels else np.array([facts.width, facts.height] * 2)
        numbers: Dict[str, int] = {}
        persons: Dict[tuple, Dict[int, Tuple[np.ndarray, set]]] = defaultdict(dict)
        for row in rows:
            if row.video != name or not row.box:
                continue
            if not 0 <= row.second <= facts.times[-1] + 1:
                raise DataError(f'{path}:{row.line}: second {row.second:g} lies outside of the video {name}, which '
                                f'ends at {facts.times[-1]:.2f} s')
            frame = int(np.searchsorted(facts.times, row.second + 1e-3, side='right') - 1)
            number = _person(numbers, row.person)
            who: Tuple[Any, ...] = (number, ) if number >= 0 else (-1, frame, *row.box)
            persons[who].setdefault(frame, (np.array(row.box) * size, set()))[1].add(row.action)
        tracks = []
        for who, boxes in persons.items():
            frames = sorted(boxes)
            tracks.append(
                AnnotatedTrack(who[0], np.array(frames, dtype=np.int64), np.array([boxes[f][0] for f in frames]),
                               [frozenset(boxes[f][1]) for f in frames]))
        result.append(AnnotatedVideo(name, facts.width, facts.height, tracks, len(facts.times), facts.fps))
    return result


def read_tube_csv(path: str,
                  videos: Optional[VideoFolder] = None,
                  attribute: Optional[str] = None) -> List[AnnotatedVideo]:
    """Reads a csv of the columns video, tube, action, frame, x1, y1, x2, y2: a line for each box.

    Frames count from 1, boxes are in pixels. A first line with these names is optional, and gives them another order.
    A line with nothing after the video says that nobody is in it.

    Args:
        path (str): The file.
        videos (VideoFolder): The videos, for their sizes and lengths.
        attribute (str, optional): Is not used; a column says the action.

    Returns:
        list[AnnotatedVideo]: By name.

    Raises:
        MissingDataError: If a file is missing.
        DataError: If a line is wrong.
    """
    folder = videos or VideoFolder()
    tubes: Dict[str, Dict[Tuple[str, str], Dict[int, Tuple[float, ...]]]] = {}
    for line, cells in _table(path, TUBE_COLUMNS, needed=1):
        by_name = tubes.setdefault(cells['video'], {})
        if not any(cells[name] for name in TUBE_COLUMNS[1:]):
            continue
        if not cells['action']:
            raise DataError(f'{path}:{line}: the action is empty')
        frame = _number(path, line, 'frame', cells['frame'], 1, MOST_FRAMES)
        if frame != int(frame):
            raise DataError(f'{path}:{line}: frame {cells["frame"]} is not a whole number')
        box = tuple(_number(path, line, name, cells[name], -1e5, 1e5) for name in ('x1', 'y1', 'x2', 'y2'))
        tube = by_name.setdefault((cells['tube'], cells['action']), {})
        if int(frame) - 1 in tube:
            raise DataError(f'{path}:{line}: tube {cells["tube"]} of {cells["video"]} has two boxes in frame '
                            f'{int(frame)}')
        tube[int(frame) - 1] = box
    result = []
    for name, by_tube in sorted(tubes.items()):
        facts = folder.get(name, 'its size and length')
        tracks = []
        for number, ((tube_name, action), boxes) in enumerate(by_tube.items()):
            frames = np.array(sorted(boxes), dtype=np.int64)
            if frames[-1] >= len(facts.times):
                raise DataError(f'{path}: tube {tube_name} of {name} has a box in frame {frames[-1] + 1}, and the '
                                f'video has {len(facts.times)} frames')
            tracks.append(
                AnnotatedTrack(number, frames, np.array([boxes[frame] for frame in frames.tolist()]),
                               [frozenset([action])] * len(frames)))
        result.append(AnnotatedVideo(name, facts.width, facts.height, tracks, len(facts.times), facts.fps))
    return result


def is_tube_csv(path: str) -> bool:
    """Whether a csv is one of :func:`read_tube_csv`: it has eight columns, the third one being a name."""
    for _, fields in iter_csv(path, 'annotation file'):
        names = [field.strip().lower() for field in fields]
        if 'video' in names:
            return 'tube' in names
        if not any(names[1:]):
            continue  # a video with nobody
        return len(fields) == len(TUBE_COLUMNS) and not _is_number(fields[2]) and fields[2].strip() != ''
    return False


def _table(path: str, columns: Sequence[str], needed: int) -> Iterator[Tuple[int, Dict[str, str]]]:
    """Yields (line, text by column); columns that a line does not have are empty."""
    order: Sequence[str] = columns
    for index, (line, fields) in enumerate(iter_csv(path, 'annotation file')):
        cells = [field.strip() for field in fields]
        if index == 0 and 'video' in map(str.lower, cells):
            order = [cell.lower() for cell in cells]
            lacking = [name for name in columns if name not in order and name != 'person']
            if lacking:
                raise DataError(f'{path}:{line}: the header lacks {", ".join(lacking)}; it needs '
                                f'{",".join(columns)}')
            continue
        if not needed <= len(cells) <= len(order):
            raise DataError(f'{path}:{line}: {len(cells)} columns, {len(order)} are needed: {",".join(order)}')
        found = dict.fromkeys(columns, '')
        found.update(zip(order, cells))
        stem, extension = osp.splitext(found['video'])
        if extension.lower() in VIDEO_EXTENSIONS:
            found['video'] = stem
        if not found['video']:
            raise DataError(f'{path}:{line}: the video is empty')
        yield line, found


def _number(path: str, line: int, name: str, text: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise DataError(f'{path}:{line}: {name} is {one_line(text)!r}, it must be a number') from None
    if not least <= value <= most:
        raise DataError(f'{path}:{line}: {name} is {text}, it must be from {least:g} to {most:g}')
    return value


def _is_number(text: str) -> bool:
    return re.fullmatch(r'\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*', text) is not None


def _person(numbers: Dict[str, int], name: str) -> int:
    """The number of a person within a video; -1 where nobody knows who it is."""
    if name in ('', '-1'):
        return -1
    return int(name) if re.fullmatch(r'\d{1,9}', name) else numbers.setdefault(name, 10**9 + len(numbers))


def _by_value(name: str) -> Tuple[float, str]:
    return (float(name), '') if _is_number(name) else (float('inf'), name)
