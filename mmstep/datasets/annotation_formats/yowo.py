"""YOWO's labels: a text file for each frame, a line for each box."""
import re
from collections import defaultdict
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np

from mmstep.errors import DataError, MissingDataError
from mmstep.utils.quoting import one_line
from .annotated_tracks import MOST_FRAMES, AnnotatedTrack, AnnotatedVideo
from .reading import VideoFolder

NAMES = ('classes.txt', 'labels.txt')
SAME = 0.3  # IoU from which a box in the next labelled frame is the same person's
LONGEST_GAP = 30  # frames between two labels of one person
Boxes = Dict[Tuple[float, ...], set]  # of a frame: box -> names of actions


def read_yowo(path: str,
              videos: Optional[VideoFolder] = None,
              attribute: Optional[str] = None) -> List[AnnotatedVideo]:
    """Reads a folder of labels as YOWO has them: ``CLASS/VIDEO/00009.txt``, or any depth.

    A line is the number of the class, from 1, and x1, y1, x2, y2 in pixels; the file's number is that of the frame,
    from 1. Names of the classes are the lines of ``classes.txt`` in the folder, or else the folders in it that hold
    folders, by name. The files name nobody: a box that overlaps one of the labelled frame before is taken for the
    same person.

    Args:
        path (str): The folder.
        videos (VideoFolder): The videos, for their sizes and lengths.
        attribute (str, optional): Is not used; the number says the action.

    Returns:
        list[AnnotatedVideo]: By name.

    Raises:
        MissingDataError: If there is no such folder, no label, or no names of classes.
        DataError: If a line is wrong; the message starts with ``file:line:``.
    """
    root = Path(path)
    if not root.is_dir():
        raise MissingDataError(f'the folder of labels {path} does not exist')
    labels = [file for file in sorted(root.rglob('*.txt')) if re.fullmatch(r'\d+', file.stem)]
    if not labels:
        raise MissingDataError(f'{path} holds no labels such as VIDEO/00009.txt')
    names = _names(root)
    folder = videos or VideoFolder()
    by_video: Dict[str, Dict[int, Boxes]] = defaultdict(dict)
    for file in labels:
        by_video[file.parent.name][int(file.stem) - 1] = _read(file, names)
    result = []
    for name, frames in sorted(by_video.items()):
        facts = folder.get(name, 'its size and length, which YOWO labels do not say')
        late = max(frames)
        if not 0 <= min(frames) <= late < min(len(facts.times), MOST_FRAMES):
            raise DataError(f'{path}: {name} has labels up to frame {late + 1}, and the video has '
                            f'{len(facts.times)} frames; they count from 1')
        result.append(AnnotatedVideo(name, facts.width, facts.height, link(frames), len(facts.times), facts.fps))
    return result


def link(frames: Dict[int, Boxes]) -> List[AnnotatedTrack]:
    """Tracks of boxes without identities.

    Args:
        frames (dict): Boxes and their actions by frame.

    Returns:
        list[AnnotatedTrack]: Each box goes on with the one that it overlaps most in the next labelled frame, if by
        more than an IoU of 0.3 and within 30 frames.
    """
    tracks: List[List[Tuple[int, Tuple[float, ...], set]]] = []
    alive: List[int] = []
    before = -1
    for frame, boxes in sorted(frames.items()):
        alive = alive if frame - before <= LONGEST_GAP else []
        found = list(boxes)
        pairs = sorted(((-_iou(tracks[number][-1][1], box), number, place) for number in alive
                        for place, box in enumerate(found)))
        taken: Dict[int, int] = {}
        for overlap, number, place in pairs:
            if -overlap >= SAME and place not in taken and number not in taken.values():
                taken[place] = number
        alive = []
        for place, box in enumerate(found):
            if place not in taken:
                taken[place] = len(tracks)
                tracks.append([])
            tracks[taken[place]].append((frame, box, boxes[box]))
            alive.append(taken[place])
        before = frame
    return [
        AnnotatedTrack(number, np.array([frame for frame, _, _ in items], dtype=np.int64),
                       np.array([box for _, box, _ in items]), [frozenset(actions) for _, _, actions in items])
        for number, items in enumerate(tracks)
    ]


def _iou(one: Sequence[float], other: Sequence[float]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0) * max(height, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return shared / (sum(areas) - shared)


def _names(root: Path) -> List[str]:
    for name in NAMES:
        if (root / name).is_file():
            return [line.strip() for line in (root / name).read_text('utf-8-sig').splitlines() if line.strip()]
    folders = [place for place in root.iterdir() if place.is_dir()]
    classes = sorted(place.name for place in folders if any(inner.is_dir() for inner in place.iterdir()))
    if not classes:
        raise MissingDataError(f'{root} has neither {NAMES[0]}, the names of the classes, a line each, nor a folder '
                               'for each class')
    return classes


def _read(file: Path, names: Sequence[str]) -> Boxes:
    boxes: Boxes = {}
    for line, text in enumerate(file.read_text('utf-8', errors='replace').splitlines(), 1):
        if not text.strip():
            continue
        try:
            label, *box = map(float, text.split())
            corners = tuple(box)
            name = names[int(label) - 1] if label == int(label) and label >= 1 else None
            if name is None or len(box) != 4 or not np.isfinite(box).all() or box[0] >= box[2] or box[1] >= box[3]:
                raise ValueError
        except (ValueError, IndexError, OverflowError):
            raise DataError(f'{file}:{line}: {one_line(text)!r} is not the number of a class, 1 to {len(names)}, and '
                            'x1, y1, x2, y2 in pixels') from None
        boxes.setdefault(corners, set()).add(name)
    return boxes
