"""Annotation files of per-frame tubes: ACT's layout (J-HMDB, UCF101-24) and UCF101-24's corrected ``pyannot.pkl``."""
import os.path as osp
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from mmstep.errors import DataError, MissingDataError
from mmstep.structures import TubeGroundTruth
from mmstep.utils.quoting import is_one_line, one_line
from .safe_pickle import load_pickle
from .tube_checks import MOST_PIXELS, OnFault, check_boxes, tube_fault

ACT_KEYS = ('labels', 'gttubes', 'nframes', 'train_videos', 'test_videos', 'resolution')
UCF101_24_CLASSES = ('Basketball', 'BasketballDunk', 'Biking', 'CliffDiving', 'CricketBowling', 'Diving', 'Fencing',
                     'FloorGymnastics', 'GolfSwing', 'HorseRiding', 'IceDancing', 'LongJump', 'PoleVault',
                     'RopeClimbing', 'SalsaSpin', 'SkateBoarding', 'Skiing', 'Skijet', 'SoccerJuggling', 'Surfing',
                     'TennisSwing', 'TrampolineJumping', 'VolleyballSpiking', 'WalkingWithDog')
# All of UCF101 is of this size, and pyannot.pkl does not say.
UCF101_HEIGHT_WIDTH = (240, 320)

MOST_CLASSES = 10**5
MOST_FRAMES = 10**7  # four days; a larger number is a mistake that would fill the memory

Tube = Tuple[int, np.ndarray]  # class, rows (n, 5)


def read_tube_annotations(ann_file: str,
                          split: int = 1,
                          subset: str = 'test',
                          test_list: Optional[str] = None,
                          on_fault: Optional[OnFault] = None) -> TubeGroundTruth:
    """Reads the annotated tubes of one half of a split.

    Two layouts are told apart by their content:

    - ACT's: a dict of ``labels``, ``gttubes[video][label]`` (list of (n, 5): frame from 1, x1, y1, x2, y2, 0-based,
      inclusive), ``nframes``, ``train_videos[split]``, ``test_videos[split]``, ``resolution[video]`` (height, width);
    - pyannot.pkl: a dict from video to ``annotations`` (``label``, ``sf`` 0-based, ``ef`` exclusive, ``boxes`` 1-based
      x, y, w, h in 320x240), ``numf`` and ``label``. The test videos stand in ``test_list``, one a line; the others
      are the training videos.

    Only numpy arrays in plain containers are loaded, nothing in the file is run. Boxes may leave the
    picture with who walks out of it; see :func:`oddities` for what is allowed and worth a sentence.

    Args:
        ann_file (str): The pickle.
        split (int): Split, from 1. Defaults to 1.
        subset (str): 'train' or 'test'.
        test_list (str, optional): File of the test videos, for pyannot.pkl.
        on_fault (Callable, optional): Is called with each fault of a tube, which is then left out. Defaults to None:
            the first fault is raised.

    Returns:
        TubeGroundTruth: The videos in the order of their names.

    Raises:
        FileNotFoundError: If a file does not exist.
        ValueError: If the layout, the split or an annotation is wrong; the message names video and tube.
    """
    if subset not in ('train', 'test'):
        raise DataError(f"subset={subset!r} is unknown; choose 'train' or 'test'")
    content = load_pickle(ann_file)
    try:
        return _read(ann_file, content, split, subset, test_list, on_fault or _raise_of(ann_file))
    except (AttributeError, IndexError, KeyError, OverflowError, RuntimeError, TypeError) as error:
        raise DataError(f'{ann_file} is neither of ACT\'s layout nor like pyannot.pkl, or damaged '
                        f'({type(error).__name__}: {one_line(str(error))})') from error


def _raise_of(ann_file: str) -> OnFault:

    def on_fault(text: str) -> None:
        raise DataError(f'{ann_file}: {text}. python tools/data/check_dataset.py CONFIG lists all faults')

    return on_fault


def _read(ann_file: str, content: Any, split: int, subset: str, test_list: Optional[str],
          on_fault: OnFault) -> TubeGroundTruth:
    if not isinstance(content, dict) or not content:
        raise DataError(
            f'{ann_file} holds no dict of annotations: it is neither of ACT\'s layout nor like pyannot.pkl')
    if any(key in content for key in ACT_KEYS):
        return _read_act(ann_file, content, split, subset, on_fault)
    first = next(iter(content.values()))
    if not isinstance(first, dict) or 'annotations' not in first:
        raise DataError(f'{ann_file} is neither of ACT\'s layout (keys {", ".join(ACT_KEYS)}) nor like pyannot.pkl '
                        '(per video annotations, numf, label)')
    return _read_pyannot(ann_file, content, split, subset, test_list, on_fault)


def _read_act(ann_file: str, content: dict, split: int, subset: str, on_fault: OnFault) -> TubeGroundTruth:
    # Of the two lists of videos only the one that is asked for is needed; MultiSports' test file has no other.
    needed = [key for key in ACT_KEYS if key in ('labels', 'gttubes', 'nframes', 'resolution', f'{subset}_videos')]
    missing = [key for key in needed if key not in content]
    if missing:
        raise DataError(f'{ann_file} lacks {", ".join(missing)} of ACT\'s layout')
    for key in ('gttubes', 'nframes', 'resolution'):
        if not isinstance(content[key], dict):
            raise DataError(f'{ann_file}: "{key}" must be a dict by video, got {one_line(content[key])}')
    splits = content[f'{subset}_videos']
    if not 1 <= split <= len(splits):
        raise DataError(f'{ann_file} has the splits 1..{len(splits)}, and split={split} was asked for')
    labels = _labels(ann_file, content['labels'])
    videos = sorted(set(splits[split - 1]))
    _check_names(ann_file, videos)
    for key in ('gttubes', 'nframes', 'resolution'):
        unknown = [video for video in videos if video not in content[key]]
        if unknown:
            raise DataError(f'{ann_file}: {len(unknown)} {subset} videos of split {split} are not in its "{key}": '
                            f'{one_line(", ".join(unknown[:5]), 300)}')
    tubes = {video: _act_tubes(ann_file, video, content['gttubes'][video]) for video in videos}
    nframes = [_whole(ann_file, video, 'nframes', content['nframes'][video]) for video in videos]
    resolution = [
        tuple(_whole(ann_file, video, 'resolution', side) for side in content['resolution'][video]) for video in videos
    ]
    return _collect(ann_file, labels, videos, nframes, resolution, tubes, on_fault)


def _check_names(ann_file: str, videos: Sequence[Any]) -> None:
    """Names of videos go into messages."""
    odd = [video for video in videos if not isinstance(video, str) or not is_one_line(video)]
    if odd:
        raise DataError(f'{ann_file}: {_short(odd[0])} is no name of a video')


def _labels(ann_file: str, labels: Any) -> List[str]:
    """Names of classes, which go into messages and tables."""
    if not isinstance(labels, (list, tuple, np.ndarray)) or len(labels) > MOST_CLASSES:
        raise DataError(f'{ann_file}: "labels" must be a list of names, got {one_line(labels)}')
    odd = [label for label in labels if not isinstance(label, (str, bytes, int, np.generic))]
    odd += [label for label in labels if isinstance(label, str) and not is_one_line(label)]
    if odd:
        raise DataError(f'{ann_file}: "labels" has {one_line(odd[0])}, which is no name')
    return [str(label) for label in labels]


def _act_tubes(ann_file: str, video: str, by_label: Any) -> List[Tube]:
    if not isinstance(by_label, dict):
        raise DataError(
            f'{ann_file}: {video} has a {type(by_label).__name__} for tubes, not a dict from label (number '
            'of the class, from 0) to a list of arrays (n, 5)')
    tubes = []
    for label in sorted(by_label):
        for number, rows in enumerate(by_label[label]):
            name = f'{video}, tube {number} of label {label}'
            tubes.append((_class_number(ann_file, video, label), _numbers(ann_file, name, rows)))
    return tubes


def _whole(ann_file: str, where: str, key: str, value: Any) -> int:
    """A whole number, which older tools write as a float or as an array of one."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    try:
        whole = int(value)
    except (ValueError, TypeError, OverflowError):
        whole = None
    if whole is None or isinstance(value, (str, bytes)) or whole != value:
        raise DataError(f'{ann_file}: {where} has {key}={_short(value)}; it must be a whole number')
    return whole


def _short(value: Any) -> str:
    """A value on one line, a text in quotes."""
    return f"'{one_line(value)}'" if isinstance(value, str) else one_line(value)


def _class_number(ann_file: str, where: str, label: Any) -> int:
    if not isinstance(label, (int, np.integer)):
        raise DataError(
            f'{ann_file}: {where} has the label {_short(label)}; it must be the number of the class, from 0')
    return int(label)


def _numbers(ann_file: str, name: str, rows: Any) -> np.ndarray:
    """An array of a tube; its shape is looked at later."""
    try:
        array = np.asarray(rows)
        if array.dtype.kind in 'iuf':
            return array.astype(np.float64)
    except (ValueError, TypeError, RuntimeError) as error:
        raise DataError(f'{ann_file}: {name} is not an array of numbers: {one_line(str(error))}') from error
    raise DataError(f'{ann_file}: {name} is not an array of numbers: {one_line(rows)}')


def _read_pyannot(ann_file: str, content: dict, split: int, subset: str, test_list: Optional[str],
                  on_fault: OnFault) -> TubeGroundTruth:
    if test_list is None:
        raise DataError(f'{ann_file} does not tell test from training videos: give test_list, the file of the test '
                        'videos (testlist01.txt)')
    if split != 1:
        raise DataError(f'{ann_file} with {test_list} is split 1 only, and split={split} was asked for')
    tests = _read_list(test_list)
    unknown = sorted(tests - set(content))
    if unknown:
        raise DataError(
            f'{len(unknown)} videos of {test_list} are not in {ann_file}: {one_line(", ".join(unknown[:5]), 300)}')
    videos = sorted(tests if subset == 'test' else set(content) - tests)
    _check_names(ann_file, videos)
    if not videos:
        raise DataError(f'{test_list} leaves no video of {ann_file} for subset={subset!r}')
    tubes = {}
    for video in videos:
        _require(ann_file, video, content[video], ('annotations', 'numf'))
        items = content[video]['annotations']
        tubes[video] = [_pyannot_tube(ann_file, f'{video}, tube {i}', item) for i, item in enumerate(items)]
    nframes = [_whole(ann_file, video, 'numf', content[video]['numf']) for video in videos]
    resolution = [UCF101_HEIGHT_WIDTH] * len(videos)
    return _collect(ann_file, list(UCF101_24_CLASSES), videos, nframes, resolution, tubes, on_fault)


def _pyannot_tube(ann_file: str, name: str, item: Any) -> Tube:
    _require(ann_file, name, item, ('label', 'sf', 'ef', 'boxes'))
    # The boxes are uint8 or uint16, in which x + w runs over.
    boxes = _numbers(ann_file, name, item['boxes'])
    start, end = (_whole(ann_file, name, key, item[key]) for key in ('sf', 'ef'))
    if boxes.shape != (end - start, 4) or not len(boxes):
        raise DataError(f'{ann_file}: {name} has boxes of the shape {boxes.shape} for the frames sf={start} to '
                        f'ef={end} (exclusive), which need ({end - start}, 4), at least one box')
    x, y, width, height = boxes.T
    rows = np.stack([np.arange(start + 1, end + 1), x - 1, y - 1, x + width - 1, y + height - 1], axis=1)
    return _class_number(ann_file, name, item['label']), rows


def _require(ann_file: str, name: str, item: Any, keys: Sequence[str]) -> None:
    missing = [key for key in keys if not isinstance(item, dict) or key not in item]
    if missing:
        raise DataError(f'{ann_file}: {name} lacks {", ".join(missing)} of pyannot.pkl\'s layout')


def _read_list(path: str) -> set:
    """The videos of a list; an extension and what follows a blank (a class number) are left off."""
    if not osp.isfile(path):
        raise MissingDataError(f'list of test videos {path} does not exist')
    try:
        with open(path, encoding='utf-8-sig') as file:
            names = [line.split()[0] for line in file if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f'list of test videos {path} is not a text file in UTF-8 ({error})') from error
    return {osp.splitext(name)[0] if name.lower().endswith(('.avi', '.mp4')) else name for name in names}


def _collect(ann_file: str, labels: List[str], videos: List[str], nframes: Sequence[int],
             resolution: Sequence[Tuple[int, ...]], tubes: Dict[str,
                                                                List[Tube]], on_fault: OnFault) -> TubeGroundTruth:
    """Joins the tubes of all videos and checks them; those with a fault are left out."""
    if not videos:
        raise DataError(f'{ann_file}: no video in this part of the split')
    for video, frames, size in zip(videos, nframes, resolution):
        if not 1 <= frames <= MOST_FRAMES or len(size) != 2 or not 1 <= min(size) <= max(size) <= MOST_PIXELS:
            raise DataError(
                f'{ann_file}: {video} has {one_line(frames)} frames of the size {one_line(size)}; a video needs a '
                f'frame, {MOST_FRAMES} at most, and a height and width of 1 to {MOST_PIXELS}')
    kept: List[Tube] = []
    tube_video = []
    for index, (video, frames) in enumerate(zip(videos, nframes)):
        for number, (label, rows) in enumerate(tubes[video]):
            fault = tube_fault(label, rows, len(labels), frames)
            if fault is None:
                kept.append((label, rows))
                tube_video.append(index)
            else:
                on_fault(f'{video}, tube {number} {fault}')
    truth = TubeGroundTruth(
        labels=labels,
        videos=videos,
        nframes=np.array(nframes, dtype=np.int64),
        resolution=np.array(resolution, dtype=np.int64).reshape(-1, 2),
        rows=np.concatenate([np.zeros((0, 5)), *(rows for _, rows in kept)]),
        row_tube=np.repeat(np.arange(len(kept)), [len(rows) for _, rows in kept]),
        tube_video=np.array(tube_video, dtype=np.int64),
        tube_label=np.array([label for label, _ in kept], dtype=np.int64))
    check_boxes(truth, on_fault)
    return truth
