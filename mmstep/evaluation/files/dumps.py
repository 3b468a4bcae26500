"""Predictions of windows that ``tools/test.py --dump``, or MMAction2's ``DumpResults``, wrote into a pickle."""
import pickle
from collections import Counter
from typing import Any, Collection, Dict, List, Optional, Sequence, Tuple

import numpy as np

from mmstep.datasets.ava_files import image_key, key_time, parse_second
from mmstep.datasets.safe_pickle import load_pickle
from mmstep.errors import LaunchError
from mmstep.structures import TubeGroundTruth, Tubelets, step_key
from mmstep.structures.step_predictions import LAST_STEP
from mmstep.utils.quoting import one_line
from mmstep.video.sources import VIDEO_EXTENSIONS
from ..ava import AVADetections, gather_windows, pack_window
from ..window_tubelets import centre_clip_boxes, to_annotation_pixels
from .compact_windows import StoredWindows
from .dump_checks import window_fault


def read_dump(path: str) -> Sequence[Dict[str, Any]]:
    """Reads a dump without running anything that is in it.

    Args:
        path (str): A pickle of a list with one dict for each window: ``video_id``, ``timestamp`` or ``clip_start``,
            ``pred_instances`` of arrays or tensors; see :func:`compact_window` for what may be left out.

    Returns:
        Sequence[dict]: The windows, each with a dict of arrays or tensors for each step.

    Raises:
        LaunchError: If the file cannot be read or is of another form.
    """
    try:
        samples = load_pickle(path)
    except (FileNotFoundError, pickle.UnpicklingError) as error:
        raise LaunchError(str(error)) from error
    if not isinstance(samples, list) or not samples:
        raise LaunchError(f'{path} holds no list of predictions; tools/test.py --dump writes one.')
    for number, sample in enumerate(samples):
        fault = window_fault(sample)
        if fault is not None:
            raise LaunchError(f'{path} holds no list of predictions: window {number} of {len(samples)}: {fault}. '
                              'tools/test.py --dump writes one.')
    return StoredWindows(samples, path)


def tubelets_of_dump(path: str,
                     truth: TubeGroundTruth,
                     clip_len: Optional[int] = None,
                     temporal_stride: int = 1,
                     step: Optional[int] = None,
                     plus_one: bool = True) -> Tubelets:
    """The tubelets of a dump.

    A window with ``tubes`` (n, T_s, 4) gives its centre clips, as in ``TubeMetric``. One with only ``bboxes`` (n, 4),
    fractions of the frame, gives the boxes of the frame ``timestamp``, from 1: tubelets of one frame. Scores may have
    one column more than there are classes, the first one, which then is not used. A window that comes twice counts
    once.

    Args:
        path (str): See :func:`read_dump`.
        truth (TubeGroundTruth): The annotations.
        clip_len (int, optional): Frames K of a clip, needed for tubes.
        temporal_stride (int): Frames per feature frame of the tubes. Defaults to 1.
        step (int, optional): Step of the detector, from 1. Defaults to the last one.
        plus_one (bool): Whether x2 and y2 are to belong to the boxes, where these are fractions. Defaults to True.

    Returns:
        Tubelets: The detections.

    Raises:
        LaunchError: If something is missing or does not fit the annotations.
    """
    number = {name: index for index, name in enumerate(truth.videos)}
    windows: Dict[Tuple[int, int], Tuple[np.ndarray, np.ndarray]] = {}
    for sample in read_dump(path):
        name = str(sample['video_id'])
        stem = name.rsplit('.', 1)[0] if name.lower().endswith(VIDEO_EXTENSIONS) else name
        video = number.get(name, number.get(stem))
        if video is None:
            raise LaunchError(
                f'{path}: the video {one_line(name)} is not among the {len(number)} test videos of the annotations')
        found = _prediction(sample, step, path)
        scores = _scores(found, len(truth.labels), f'{path}, video {one_line(name)}')
        lacking = {'clip_start', 'img_shape'} - set(sample) if 'tubes' in found else {'timestamp'} - set(sample)
        if lacking:
            raise LaunchError(f'{path}: a window of the video {one_line(name)} lacks {", ".join(sorted(lacking))}')
        if 'tubes' in found:
            if clip_len is None:
                raise LaunchError(f'{path} holds tubes: give the frames of a clip (--clip-len)')
            boxes = centre_clip_boxes(_array(found['tubes']), clip_len, temporal_stride)
            boxes = to_annotation_pixels(boxes, sample['img_shape'], truth.resolution[video])
            start = int(sample['clip_start'])
        else:
            height, width = truth.resolution[video].tolist()
            boxes = _array(found['bboxes'])[:, None] * np.array([width, height, width, height], dtype=np.float32)
            boxes = boxes - np.array([0, 0, 1, 1], dtype=np.float32) * plus_one
            start = int(sample['timestamp'])
        windows[video, start] = (boxes, scores)
    boxes, scores = (np.concatenate(parts) for parts in zip(*windows.values()))
    counts = [len(item[0]) for item in windows.values()]
    videos, starts = (np.repeat(np.array(column, dtype=np.int64), counts) for column in zip(*windows))
    return Tubelets(videos, starts, boxes, scores)


def ava_detections_of_dump(path: str, labels: Collection[int], step: Optional[int] = None) -> AVADetections:
    """The detections of a dump on AVA.

    Args:
        path (str): See :func:`read_dump`; ``bboxes`` are fractions of the frame, column c of ``scores`` is class c.
        labels (Collection[int]): Action ids that are scored.
        step (int, optional): Step of the detector, from 1. Defaults to the last one.

    Returns:
        AVADetections: Scores over 0, rounded to four decimals as in AVA's csv files.

    Raises:
        LaunchError: If something is missing.
    """
    keys, windows = [], []
    for sample in read_dump(path):
        found = _prediction(sample, step, path)
        if 'timestamp' not in sample or 'bboxes' not in found:
            raise LaunchError(f'{path} has no key seconds (timestamp, bboxes): it is not of a data set like AVA')
        boxes, scores = _array(found['bboxes']), _array(found['scores'])
        action_ids = np.array([label if label in labels else 0 for label in range(scores.shape[1])])
        keys.append(image_key(sample['video_id'], sample['timestamp']))
        windows.append(pack_window(boxes, scores, action_ids, 0.))
    return gather_windows(keys, windows)


def check_windows_of_dump(samples: Sequence[Dict[str, Any]], wanted: Collection[Tuple[str, float]],
                          videos: Collection[str], path: str) -> List[str]:
    """What is odd about the windows of a dump.

    Args:
        samples (Sequence[dict]): From :func:`read_dump`.
        wanted (Collection[tuple[str, float]]): Video and key second of the windows that should be there; empty if it
            is only known which videos should.
        videos (Collection[str]): Videos of the annotations.
        path (str): The dump, for the messages.

    Returns:
        list[str]: A sentence for each kind of oddity: windows that are missing, doubled, of other videos.
    """
    counts = Counter((str(item['video_id']), parse_second(str(item.get('clip_start', item.get('timestamp', 0)))))
                     for item in samples)
    present = {video for video, _ in counts}
    kinds = {
        'come more than once': [key for key, count in counts.items() if count > 1],
        'are of videos that are not annotated': [key for key in counts if key[0] not in videos],
        'are missing, and their annotations count as missed': sorted(set(wanted) - set(counts)),
    }
    found = [
        f'{path}: {len(keys)} windows {problem}, for instance {one_line(keys[0][0])},{key_time(keys[0][1])}'
        for problem, keys in kinds.items() if keys
    ]
    silent = sorted(set(videos) - present)
    if silent:
        found.append(f'{path}: {len(silent)} of {len(videos)} annotated videos have no window at all, for instance '
                     f'{silent[0]}')
    return found


def _prediction(sample: Dict[str, Any], step: Optional[int], path: str) -> Dict[str, Any]:
    key = LAST_STEP if step is None else step_key(step)
    if key not in sample:
        raise LaunchError(f'{path} has no "{key}"; keep every step with test_cfg.keep_steps=True')
    return sample[key]


def _scores(found: Dict[str, Any], classes: int, where: str) -> np.ndarray:
    scores = _array(found['scores'])
    if scores.shape[1] not in (classes, classes + 1):
        raise LaunchError(f'{where}: scores of {scores.shape[1]} columns, and there are {classes} classes')
    return scores[:, scores.shape[1] - classes:]


def _array(value: Any) -> np.ndarray:
    return np.asarray(value if isinstance(value, np.ndarray) else value.float().numpy(), dtype=np.float32)
