"""Annotations and detections of tubes as .npz files, in which any project can write them."""
import os.path as osp
import zipfile
from typing import Any, Dict, Optional, Sequence, Tuple

import numpy as np

from mmstep.structures import TubeGroundTruth, Tubelets
from mmstep.utils import AtomicFile

TRUTH_KEYS = ('labels', 'videos', 'nframes', 'resolution', 'gt_rows', 'gt_tube', 'gt_video', 'gt_label')
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
    labels, videos = ([str(name) for name in arrays[key].ravel()] for key in ('labels', 'videos'))
    number, tubes = len(videos), len(arrays['gt_video'])
    _check_shape(path, 'nframes', arrays, (number, ))
    _check_integer(path, 'nframes', arrays)
    _check_shape(path, 'resolution', arrays, (number, 2))
    _check_shape(path, 'gt_rows', arrays, (None, 5))
    _check_shape(path, 'gt_tube', arrays, (len(arrays['gt_rows']), ))
    _check_shape(path, 'gt_label', arrays, (tubes, ))
    _check_range(path, 'gt_tube', arrays, tubes, f'the {tubes} tubes')
    _check_range(path, 'gt_video', arrays, number, f'the {number} videos')
    _check_range(path, 'gt_label', arrays, len(labels), f'the {len(labels)} labels')
    _check_boxes(path, 'gt_rows', arrays['gt_rows'][:, 1:])
    for key, names in (('labels', labels), ('videos', videos)):
        if len(set(names)) < len(names):
            raise ValueError(f'{path}: a name occurs twice in {key}')
    rows, row_tube = arrays['gt_rows'].astype(np.float64), arrays['gt_tube'].astype(np.int64)
    order = np.lexsort((rows[:, 0], row_tube))
    rows, row_tube = rows[order], row_tube[order]
    twice = (np.diff(rows[:, 0]) == 0) & (np.diff(row_tube) == 0)
    if twice.any() or (rows[:, 0] < 1).any():
        raise ValueError(f'{path}: gt_rows has a tube with two boxes in one frame, or a frame before 1')
    missing = np.setdiff1d(np.arange(tubes), row_tube)
    if len(missing):
        raise ValueError(f'{path}: tube {missing[0]} of gt_video has no row in gt_rows')
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
    _check_integer(path, 'det_start', arrays)
    _raise_at(path, 'det_scores', ~np.isfinite(arrays['det_scores']), 'is not a finite number')
    _raise_at(path, 'det_start', arrays['det_start'] < 1, 'lies before frame 1', arrays['det_start'])
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
        raise FileNotFoundError(f'file of {what} {path} does not exist')
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = [key for key in keys if key not in file]
            if missing:
                raise ValueError(f'it lacks {", ".join(missing)}; it has {", ".join(file)}')
            return {key: file[key] for key in (*keys, *optional) if key in file}
    except (ValueError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise ValueError(f'{path} is not a .npz of {what}: {error}') from error


def _check_shape(path: str, key: str, arrays: Dict[str, np.ndarray], shape: Tuple) -> None:
    found = arrays[key].shape
    if len(found) != len(shape) or any(want is not None and want != have for want, have in zip(shape, found)):
        wanted = ', '.join('any' if want is None else str(want) for want in shape)
        raise ValueError(f'{path}: {key} has the shape {found}, it must be ({wanted})')


def _check_integer(path: str, key: str, arrays: Dict[str, np.ndarray]) -> None:
    if not np.issubdtype(arrays[key].dtype, np.integer):
        raise ValueError(f'{path}: {key} has the type {arrays[key].dtype}, it must be integers')


def _check_range(path: str, key: str, arrays: Dict[str, np.ndarray], stop: int, what: str) -> None:
    _check_integer(path, key, arrays)
    _raise_at(path, key, (arrays[key] < 0) | (arrays[key] >= stop), f'is not among {what}, 0..{stop - 1}', arrays[key])


def _check_boxes(path: str, key: str, boxes: np.ndarray, tolerant: bool = False) -> None:
    """With ``tolerant`` a few boxes may have no area, as detectors make them; they overlap nothing."""
    _raise_at(path, key, ~np.isfinite(boxes), 'is not a finite number')
    turned = (boxes[..., 2] < boxes[..., 0]) | (boxes[..., 3] < boxes[..., 1])
    if not tolerant or turned.mean() > 0.5:
        _raise_at(path, key, turned, 'has a box with x2 < x1 or y2 < y1; boxes are x1, y1, x2, y2', boxes)


def _raise_at(path: str, key: str, bad: np.ndarray, problem: str, values: Optional[np.ndarray] = None) -> None:
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        value = '' if values is None else f' ({values[row].tolist()})'
        raise ValueError(f'{path}: {key}, row {row}{value}: {problem}')
