"""The annotations of a data set as training reads them, and what settings are chosen by."""
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

import numpy as np

from mmstep.datasets import AVARow
from mmstep.datasets import annotation_formats as formats
from mmstep.datasets import read_annotations, read_label_map, read_tube_annotations, write_tube_annotations
from mmstep.datasets.ava_files import parse_second
from mmstep.structures import TubeGroundTruth
from mmstep.utils import write_text
from .data_folder import DataFolder
from .split import choose_validation


class Annotations(NamedTuple):
    """What training reads.

    Attributes:
        tubes (bool): Whether every frame is annotated; else whole seconds are, as in AVA.
        train_file (Path): Annotations of training; of tubes those of validation as well.
        val_file (Path): Of validation.
        label_map (Path, optional): Of AVA's csv.
        classes (list[str]): Names, in the order of their numbers.
        custom_classes (list[int], optional): The ids of these classes, where some numbers have no name.
        writes (dict[Path, Callable[[str], None]]): Files that are not there yet, and what writes them.
        num_windows (int): Windows of training that do not overlap much: key seconds, or clips of six frames.
        boxes (np.ndarray): (n, 4) boxes x1, y1, x2, y2 of training as fractions of the frame.
        videos (dict[str, float]): The videos and the last annotated second of each; of tubes infinity.
        rare (list[str]): Classes that training does not show.
        split (str): How videos were shared out.
        background (bool): Whether training has videos of tubes in which nobody is.
    """
    tubes: bool
    train_file: Path
    val_file: Path
    label_map: Optional[Path]
    classes: List[str]
    custom_classes: Optional[List[int]]
    writes: Dict[Path, Callable[[str], None]]
    num_windows: int
    boxes: np.ndarray
    videos: Dict[str, float]
    rare: List[str]
    split: str
    background: bool = False


def read_own_annotations(data: DataFolder, out: Path, clip_len: int = 6, fps: Optional[float] = None) -> Annotations:
    """Reads the annotations of a folder, whatever their form.

    Args:
        data (DataFolder): What is there.
        out (Path): Folder for the files that are to be written.
        clip_len (int): Frames of a clip, for the windows of tubes. Defaults to 6.
        fps (float, optional): Frames a second of folders of pictures.

    Returns:
        Annotations: What training reads. Nothing is written yet.

    Raises:
        DataError: If a line or tube is wrong.
    """
    path = str(data.annotations[0])
    if data.kind == 'tubes':
        halves = [read_tube_annotations(path, 1, subset) for subset in ('train', 'test')]
        return _tubes(data.annotations[0], halves, {},
                      _count(halves[0].videos, halves[1].videos, ', as the file has '
                             'them'), clip_len)
    folder = formats.VideoFolder(data.videos, fps)
    if data.kind == 'tube-csv':
        return _read_tube_csv(path, folder, out, clip_len)
    if data.kind == 'actions':
        rows = formats.read_action_rows(path)
        classes = formats.classes_of_rows(rows)
        lines = formats.lines_of_rows(path, rows, classes, folder)
        shown: Dict[str, Set[str]] = defaultdict(set)
        for row in rows:
            shown[row.video].update({row.action} - {''})
        texts = [(row.video, ','.join(map(str, line))) for row, line in zip(rows, lines)]
        label_map = out / 'actions.pbtxt'
        writes: Dict[Path, Callable[[str], None]] = {label_map: partial(formats.write_label_map, labels=classes)}
        return _ava(texts, shown, dict(enumerate(classes, 1)), label_map, out, writes)
    assert data.label_map is not None
    names = read_label_map(str(data.label_map))
    if len(data.annotations) == 2:
        train, val = (_read(half, names, data.label_map) for half in data.annotations)
        split = _count({row.video_id for row in train}, {row.video_id for row in val}, ', as the files have them')
        return _ava_facts(train, val, data.annotations[0], data.annotations[1], names, data.label_map, {}, split)
    shown = defaultdict(set)
    for found in _read(data.annotations[0], names, data.label_map):
        shown[found.video_id].update([names[found.label]] if found.label else [])
    texts = [(line.split(',')[0].strip(), line) for line in Path(path).read_text('utf-8-sig').splitlines()
             if line.strip()]
    return _ava(texts, shown, names, data.label_map, out, {})


def _ava(texts: Sequence[Tuple[str, str]], shown: Dict[str, Set[str]], names: Dict[int, str], label_map: Path,
         out: Path, writes: Dict[Path, Callable[[str], None]]) -> Annotations:
    """Splits the lines of a csv by video."""
    # Videos in which nobody is are for training.
    val = choose_validation({name: classes for name, classes in shown.items() if classes})
    train_file, val_file = out / 'train.csv', out / 'val.csv'
    train_lines = [text for video, text in texts if video not in val]
    val_lines = [text for video, text in texts if video in val or not val]
    writes = {**writes, train_file: _writer(train_lines), val_file: _writer(val_lines)}
    split = _count(set(shown) - set(val), val, _reason(len(shown)))
    halves = _rows_of(train_lines), _rows_of(val_lines)
    return _ava_facts(halves[0], halves[1], train_file, val_file, names, label_map, writes, split)


def _read(path: Path, names: Dict[int, str], label_map: Path) -> List[AVARow]:
    """Rows of a csv, those that say that nobody is there with the label 0."""
    nobody: List[AVARow] = []
    rows = list(read_annotations(str(path), names, label_map.name, on_empty=nobody.append))
    return [*rows, *nobody]


def _rows_of(lines: Sequence[str]) -> List[AVARow]:
    """Rows of lines that were read before, or are written here."""
    rows = []
    for number, line in enumerate(lines, 1):
        video, second, *others = (field.strip() for field in line.split(','))
        x1, y1, x2, y2, label, person = others if any(others) else ['0', '0', '0', '0', '0', '-1']
        box = (float(x1), float(y1), float(x2), float(y2))
        rows.append(AVARow(number, video, parse_second(second), box, int(label), int(person)))
    return rows


def _writer(lines: Sequence[str]) -> Callable[[str], None]:
    return partial(write_text, text=''.join(f'{line}\n' for line in lines))


def _ava_facts(train: Sequence[AVARow], val: Sequence[AVARow], train_file: Path, val_file: Path, names: Dict[int, str],
               label_map: Path, writes: Dict[Path, Callable[[str], None]], split: str) -> Annotations:
    ids = sorted(names)
    videos: Dict[str, float] = {}
    for row in (*train, *val):
        videos[row.video_id] = max(videos.get(row.video_id, 0), row.timestamp)
    seen = {row.label for row in train}
    return Annotations(
        tubes=False,
        train_file=train_file,
        val_file=val_file,
        label_map=label_map,
        classes=[names[label] for label in ids],
        custom_classes=None if ids == list(range(1,
                                                 len(ids) + 1)) else ids,
        writes=writes,
        num_windows=len({(row.video_id, row.timestamp)
                         for row in train}),
        boxes=np.array([row.box for row in train if row.label], dtype=np.float64).reshape(-1, 4),
        videos=videos,
        rare=[names[label] for label in ids if label not in seen],
        split=split)


def _read_tube_csv(path: str, folder: formats.VideoFolder, out: Path, clip_len: int) -> Annotations:
    videos = formats.read_tube_csv(path, folder)
    classes = formats.classes_of(videos)
    shown = {
        video.name: {name
                     for track in video.tracks
                     for names in track.actions
                     for name in names}
        for video in videos
    }
    val = choose_validation({name: found for name, found in shown.items() if found})
    halves = [
        formats.tubes_of([video for video in videos if (video.name in val) == wanted or not val], classes)
        for wanted in (False, True)
    ]
    file = out / 'tubes.pkl'
    write = partial(write_tube_annotations, train=halves[0], test=halves[1])
    return _tubes(file, halves, {file: write}, _count(set(shown) - set(val), val, _reason(len(shown))), clip_len)


def _tubes(file: Path, halves: Sequence[TubeGroundTruth], writes: Dict[Path, Callable[[str], None]], split: str,
           clip_len: int) -> Annotations:
    train = halves[0]
    tube_video = train.tube_video[train.row_tube]
    sizes = np.tile(train.resolution[tube_video][:, ::-1], 2)
    background = len(np.unique(train.tube_video)) < len(train.videos)
    frames = np.unique(np.stack([tube_video, train.rows[:, 0].astype(np.int64)]), axis=1).shape[1]
    return Annotations(
        tubes=True,
        train_file=file,
        val_file=file,
        label_map=None,
        classes=list(train.labels),
        custom_classes=None,
        writes=writes,
        num_windows=max(frames // clip_len, 1),
        boxes=(train.rows[:, 1:] + [0, 0, 1, 1]) / sizes,
        videos={name: float('inf')
                for half in halves
                for name in half.videos},
        rare=[name for label, name in enumerate(train.labels) if label not in train.tube_label],
        split=split + ('; clips with nobody are trained on, for there are videos with nobody' if background else ''),
        background=background)


def _count(train: Sequence[str] | Set[str], val: Sequence[str] | Set[str], why: str) -> str:
    if not val:
        alone = '; each is the only one of some class' if len(train) > 1 else ''
        return f'{_videos(len(train))} for training and for validation alike{why}{alone}'
    return f'{_videos(len(train))} for training, {len(val)} for validation{why}'


def _videos(count: int) -> str:
    return '1 video' if count == 1 else f'{count} videos'


def _reason(count: int) -> str:
    return '; no split was given' if count > 1 else ''
