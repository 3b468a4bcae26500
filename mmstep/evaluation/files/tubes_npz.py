"""Annotations and detections of tubes as .npz files, in which any project can write them."""
import math
import os.path as osp
import warnings
import zipfile
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from mmstep.datasets.tube_annotations import MOST_FRAMES
from mmstep.datasets.tube_checks import MOST_PIXELS
from mmstep.errors import DataError, MissingDataError
from mmstep.structures import TubeGroundTruth, Tubelets
from mmstep.utils import AtomicFile
from mmstep.utils.quoting import is_one_line, one_line

TRUTH_KEYS = ('labels', 'videos', 'nframes', 'resolution', 'gt_rows', 'gt_tube', 'gt_video', 'gt_label')
# Bytes that the arrays of a small file may take, and how much larger than a file they may be: scores of many classes
# are nearly all zeros.
MOST_UNFOLDED, MOST_RATIO = 2**28, 100
DETECTION_KEYS = ('det_video', 'det_start', 'det_boxes', 'det_scores')


def read_truth_npz(path: str) -> TubeGroundTruth:
    """Reads annotations.

    Args:
        path (str): .npz without pickled objects: ``labels`` (L) and ``videos`` (V) names, ``nframes`` (V),
            ``resolution`` (V, 2) height and width, ``gt_rows`` (M, 5) frame from 1, x1, y1, x2, y2 in pixels, 0-based
            and inclusive, ``gt_tube`` (M) tube of each row, ``gt_video`` (T) and ``gt_label`` (T) of each tube.

    Returns:
        TubeGroundTruth: The annotations, the rows of each tube by frame.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If an array is missing or wrong; the message names file, array and row.
    """
    arrays = _load(path, TRUTH_KEYS, 'annotations')
    labels, videos = (_names(path, key, arrays[key]) for key in ('labels', 'videos'))
    _check_shape(path, 'gt_video', arrays, (None, ))
    number, tubes = len(videos), len(arrays['gt_video'])
    _check_shape(path, 'nframes', arrays, (number, ))
    _check_between(path, 'nframes', arrays, 1, MOST_FRAMES)
    _check_shape(path, 'resolution', arrays, (number, 2))
    _check_between(path, 'resolution', arrays, 1, MOST_PIXELS)
    _check_shape(path, 'gt_rows', arrays, (None, 5))
    _check_shape(path, 'gt_tube', arrays, (len(arrays['gt_rows']), ))
    _check_shape(path, 'gt_label', arrays, (tubes, ))
    _check_range(path, 'gt_tube', arrays, tubes, f'the {tubes} tubes')
    _check_range(path, 'gt_video', arrays, number, f'the {number} videos')
    _check_range(path, 'gt_label', arrays, len(labels), f'the {len(labels)} labels')
    _check_boxes(path, 'gt_rows', arrays['gt_rows'][:, 1:])
    frames = arrays['gt_rows'][:, 0].astype(np.float64)
    _raise_at(path, 'gt_rows', ~((frames >= 1) & (frames <= MOST_FRAMES)) | (frames != np.floor(frames)),
              f'is no frame, 1..{MOST_FRAMES}', frames)
    for key, names in (('labels', labels), ('videos', videos)):
        if len(set(names)) < len(names):
            raise DataError(f'{path}: a name occurs twice in {key}')
    rows, row_tube = arrays['gt_rows'].astype(np.float64), arrays['gt_tube'].astype(np.int64)
    order = np.lexsort((rows[:, 0], row_tube))
    rows, row_tube = rows[order], row_tube[order]
    twice = (np.diff(rows[:, 0]) == 0) & (np.diff(row_tube) == 0)
    if twice.any():
        raise DataError(f'{path}: gt_rows has a tube with two boxes in one frame')
    missing = np.setdiff1d(np.arange(tubes), row_tube)
    if len(missing):
        raise DataError(f'{path}: tube {missing[0]} of gt_video has no row in gt_rows')
    return TubeGroundTruth(labels, videos, arrays['nframes'].astype(np.int64), arrays['resolution'].astype(np.int64),
                           rows, row_tube, arrays['gt_video'].astype(np.int64), arrays['gt_label'].astype(np.int64))


def read_detections_npz(path: str, truth: TubeGroundTruth) -> Tubelets:
    """Reads detected tubelets.

    Args:
        path (str): .npz without pickled objects: ``det_video`` (N) index into the annotations' videos, ``det_start``
            (N) frame of the first box, from 1, ``det_boxes`` (N, K, 4), and ``det_scores`` (N, L) without background;
            or ``det_label`` (N) and ``det_scores`` (N) where each box belongs to a class.
        truth (TubeGroundTruth): The annotations.

    Returns:
        Tubelets: The detections.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If an array is missing or wrong; the message names file, array and row.
    """
    arrays = _load(path, DETECTION_KEYS, 'detections', optional=('det_label', ))
    _check_shape(path, 'det_video', arrays, (None, ))
    count, labels = len(arrays['det_video']), len(truth.labels)
    _check_shape(path, 'det_start', arrays, (count, ))
    _check_shape(path, 'det_boxes', arrays, (count, None, 4))
    _check_range(path, 'det_video', arrays, len(truth.videos), f'the {len(truth.videos)} videos')
    label = arrays.get('det_label')
    if label is None:
        _check_shape(path, 'det_scores', arrays, (count, labels))
    else:
        _check_shape(path, 'det_scores', arrays, (count, ))
        _check_shape(path, 'det_label', arrays, (count, ))
        _check_range(path, 'det_label', arrays, labels, f'the {labels} labels')
    _check_boxes(path, 'det_boxes', arrays['det_boxes'], tolerant=True)
    clip_len = arrays['det_boxes'].shape[1]
    if not 1 <= clip_len <= MOST_FRAMES:
        raise DataError(f'{path}: det_boxes has tubelets of {clip_len} frames')
    _check_between(path, 'det_start', arrays, 1, MOST_FRAMES)
    _check_numbers(path, 'det_scores', arrays['det_scores'])
    _raise_at(path, 'det_scores', ~np.isfinite(arrays['det_scores']), 'is not a finite number')
    return Tubelets(arrays['det_video'].astype(np.int64), arrays['det_start'].astype(np.int64), arrays['det_boxes'],
                    arrays['det_scores'], None if label is None else label.astype(np.int64))


def write_npz(path: str, truth: TubeGroundTruth, tubelets: Tubelets) -> None:
    """Writes annotations and detections into one file.

    Args:
        path (str): The file, which appears whole or not at all; ``.npz`` is added where it is missing.
        truth (TubeGroundTruth): Annotations.
        tubelets (Tubelets): Detections.

    Raises:
        LaunchError: If the file cannot be written.
    """
    arrays: Dict[str, Any] = dict(
        labels=np.array(truth.labels),
        videos=np.array(truth.videos),
        nframes=truth.nframes,
        resolution=truth.resolution,
        gt_rows=truth.rows,
        gt_tube=truth.row_tube,
        gt_video=truth.tube_video,
        gt_label=truth.tube_label,
        det_video=tubelets.video,
        det_start=tubelets.start,
        det_boxes=tubelets.boxes,
        det_scores=tubelets.scores)
    if tubelets.label is not None:
        arrays['det_label'] = tubelets.label
    with AtomicFile(path if path.endswith('.npz') else f'{path}.npz') as name:
        np.savez_compressed(name, **arrays)


def _load(path: str, keys: Sequence[str], what: str, optional: Sequence[str] = ()) -> Dict[str, np.ndarray]:
    if not osp.isfile(path):
        raise MissingDataError(f'file of {what} {path} does not exist')
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix('.npy') for name in archive.namelist()]
            missing = [key for key in keys if key not in names]
            if missing:
                raise DataError(f'it lacks {", ".join(missing)}; it has {one_line(", ".join(names), 200)}')
            wanted = [key for key in (*keys, *optional) if key in names]
            _refuse_bomb(archive, wanted, path)
            return {key: _read_array(archive, key) for key in wanted}
    except Exception as error:  # of a damaged archive anything, zlib.error, RuntimeError and MemoryError included
        reason = one_line(str(error) or type(error).__name__, 200)
        raise DataError(f'{path} is not a .npz of {what}: {reason}') from error


def _refuse_bomb(archive: zipfile.ZipFile, keys: Sequence[str], path: str) -> None:
    """A few bytes can unfold to a full memory."""
    size = sum(archive.getinfo(f'{key}.npy').file_size for key in keys)
    most = MOST_UNFOLDED + MOST_RATIO * osp.getsize(path)
    if size > most:
        raise DataError(f'its {osp.getsize(path):,} bytes would unfold to {size:,}, and at most {most:,} are read')


def _read_array(archive: zipfile.ZipFile, key: str) -> np.ndarray:
    """Reads an array, which must be as long as it says: numpy makes room for it first."""
    name = f'{key}.npy'
    with warnings.catch_warnings(), archive.open(name) as file:
        warnings.simplefilter('ignore')  # of headers that Python 2 wrote
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise DataError(f'{key} is of version {version} of the format .npy, and 1.0 and 2.0 are read')
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file)
        left = archive.getinfo(name).file_size - file.tell()
        if dtype.hasobject or math.prod(shape) * dtype.itemsize != left or min(shape, default=0) < 0:
            raise DataError(f'{key} is an array of the shape {shape} and the type {dtype}, and has {left} bytes')
    with warnings.catch_warnings(), archive.open(name) as file:
        warnings.simplefilter('ignore')
        return np.lib.format.read_array(file, allow_pickle=False)


def _names(path: str, key: str, names: np.ndarray) -> List[str]:
    """Names, which go into messages and tables."""
    if names.dtype.kind not in 'USiu':
        raise DataError(f'{path}: {key} has the type {names.dtype}, it must be texts')
    texts = [
        name.decode(errors='replace') if isinstance(name, bytes) else str(name) for name in names.ravel().tolist()
    ]
    odd = [text for text in texts if not is_one_line(text)]
    if odd:
        raise DataError(f'{path}: {key} has the name {one_line(odd[0])}, which does not fit on a line')
    return texts


def _check_shape(path: str, key: str, arrays: Dict[str, np.ndarray], shape: Tuple) -> None:
    found = arrays[key].shape
    if len(found) != len(shape) or any(want is not None and want != have for want, have in zip(shape, found)):
        wanted = ', '.join('any' if want is None else str(want) for want in shape)
        raise DataError(f'{path}: {key} has the shape {found}, it must be ({wanted})')


def _check_integer(path: str, key: str, arrays: Dict[str, np.ndarray]) -> None:
    if not np.issubdtype(arrays[key].dtype, np.integer):
        raise DataError(f'{path}: {key} has the type {arrays[key].dtype}, it must be integers')


def _check_between(path: str, key: str, arrays: Dict[str, np.ndarray], least: int, most: int) -> None:
    _check_integer(path, key, arrays)
    _raise_at(path, key, (arrays[key] < least) | (arrays[key] > most), f'lies before {least} or after {most}',
              arrays[key])


def _check_numbers(path: str, key: str, values: np.ndarray) -> None:
    if values.dtype.kind not in 'iuf':
        raise DataError(f'{path}: {key} has the type {values.dtype}, it must be numbers')


def _check_range(path: str, key: str, arrays: Dict[str, np.ndarray], stop: int, what: str) -> None:
    _check_integer(path, key, arrays)
    _raise_at(path, key, (arrays[key] < 0) | (arrays[key] >= stop), f'is not among {what}, 0..{stop - 1}', arrays[key])


def _check_boxes(path: str, key: str, boxes: np.ndarray, tolerant: bool = False) -> None:
    """With ``tolerant`` a few boxes may have no area, as detectors make them; they overlap nothing."""
    _check_numbers(path, key, boxes)
    _raise_at(path, key, ~np.isfinite(boxes), 'is not a finite number')
    _raise_at(path, key, np.abs(boxes.astype(np.float64)) > MOST_PIXELS, f'is over {MOST_PIXELS} pixels', boxes)
    turned = (boxes[..., 2] < boxes[..., 0]) | (boxes[..., 3] < boxes[..., 1])
    if turned.size and (not tolerant or turned.mean() > 0.5):
        _raise_at(path, key, turned, 'has a box with x2 < x1 or y2 < y1; boxes are x1, y1, x2, y2', boxes)


def _raise_at(path: str, key: str, bad: np.ndarray, problem: str, values: Optional[np.ndarray] = None) -> None:
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        value = '' if values is None else f' ({one_line(values[row].tolist())})'
        raise DataError(f'{path}: {key}, row {row}{value}: {problem}')
