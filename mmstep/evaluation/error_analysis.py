"""What goes wrong in frames, as in ACT's error analysis (Kalogeiton et al., ICCV 2017, section 5.3)."""
from typing import Dict, Iterable, Tuple

import numpy as np

from mmstep.structures import TubeGroundTruth, Tubelets
from mmstep.utils import AtomicFile
from .average_precision import average_precision
from .frame_detections import FrameDetections, frame_detections
from .frame_map import rows_of_videos
from .matching import match_boxes
from .overlap import box_iou
from .rules import EvaluationRules, Rules, get_rules

KINDS = ('correct', 'localisation', 'classification', 'time', 'other', 'missed')


def analyse_errors(truth: TubeGroundTruth,
                   videos: Iterable[Tuple[int, Tubelets]],
                   rules: Rules = 'act',
                   iou_thr: float = 0.5) -> Dict[str, Dict[str, float]]:
    """Shares the area under the precision-recall curve among the errors.

    A detection that is not right is an error of

    - localisation: its class is annotated in its frame, and it does not overlap enough, or is one too many;
    - classification: it overlaps enough with an annotation of another class;
    - time: its class is annotated in the video, and nothing is in the frame;
    - other: all the rest.

    Each kind's curve is its share of the detections so far over the recall; its area is the precision lost to it.
    ``missed`` is one minus the last recall. With no ties the six sum up to about one.

    Args:
        truth (TubeGroundTruth): Annotations.
        videos (Iterable[tuple[int, Tubelets]]): Detections by index of the video.
        rules (str | dict | EvaluationRules): See :func:`get_rules`. Defaults to 'act'.
        iou_thr (float): Least IoU. Defaults to 0.5.

    Returns:
        dict: By class that is annotated, and ``mean``, a dict from kind to share in [0, 1].
    """
    rules = get_rules(rules)
    rows = rows_of_videos(truth)
    parts: Dict[int, Tuple[np.ndarray, ...]] = {}
    for video, tubelets in videos:
        found = frame_detections(tubelets, len(truth.labels), int(truth.nframes[video]), rules)
        kinds = _kinds(truth, rows[video], found, iou_thr, rules)
        parts[video] = (found.label.astype(np.int16), found.score, kinds.astype(np.int8))
    order = sorted(parts, key=lambda video: truth.videos[video])  # ties as in frame_map
    empty = (np.zeros(0, np.int16), np.zeros(0), np.zeros(0, np.int8))
    labels, scores, kinds = (np.concatenate(columns) for columns in zip(*(parts[video] for video in order), empty))
    counts = np.bincount(truth.tube_label[truth.row_tube], minlength=len(truth.labels))
    counts[rules.is_excluded(truth.labels)] = 0
    shares = {}
    for label in np.flatnonzero(counts):
        mine = np.flatnonzero(labels == label)
        mine = kinds[mine[np.argsort(-scores[mine], kind='stable')]]
        shares[truth.labels[label]] = _shares(mine, int(counts[label]))
    shares['mean'] = {kind: float(np.mean([item[kind] for item in shares.values()])) for kind in KINDS}
    return shares


def _kinds(truth: TubeGroundTruth, rows: np.ndarray, found: FrameDetections, iou_thr: float,
           rules: EvaluationRules) -> np.ndarray:
    """Index in ``KINDS`` of every detection of a video."""
    frames = truth.rows[rows, 0].astype(np.int64)
    labels = truth.tube_label[truth.row_tube[rows]]
    boxes = truth.rows[rows, 1:]
    hits = match_boxes(found, frames, labels, boxes, [iou_thr], rules.plus_one, rules.second_choice)[:, 0]
    width = len(truth.labels)
    same = np.isin(found.frame * width + found.label, frames * width + labels)
    any_there = np.isin(found.frame, frames)
    overlaps = _overlaps_any(found, frames, boxes, rules.plus_one) >= iou_thr
    in_video = np.isin(found.label, labels)
    return np.select([hits, same, any_there & overlaps, any_there, in_video], [0, 1, 2, 4, 3], 4)


def _overlaps_any(found: FrameDetections, frames: np.ndarray, boxes: np.ndarray, plus_one: bool) -> np.ndarray:
    """Best IoU of every detection with any annotation of its frame."""
    best = np.zeros(len(found.frame))
    order = np.argsort(frames, kind='stable')
    begin = np.searchsorted(frames[order], found.frame, side='left')
    count = np.searchsorted(frames[order], found.frame, side='right') - begin
    for offset in range(int(count.max()) if len(count) else 0):  # actors of a frame
        there = np.flatnonzero(count > offset)
        overlap = box_iou(found.boxes[there], boxes[order[begin[there] + offset]], plus_one)
        best[there] = np.maximum(best[there], overlap)
    return best


def _shares(kinds: np.ndarray, num_truth: int) -> Dict[str, float]:
    """Areas of the kinds of one class, detections best first."""
    right = kinds == 0
    recall = np.concatenate([[0], np.cumsum(right) / num_truth])
    steps, ranks = np.diff(recall), np.arange(1, len(kinds) + 1)
    shares = dict(correct=float(average_precision(right, num_truth)))
    for index, kind in enumerate(KINDS[1:5], 1):
        curve = np.concatenate([[0], np.cumsum(kinds == index) / ranks])
        shares[kind] = float((steps * (curve[1:] + curve[:-1]) / 2).sum())
    shares['missed'] = float(1 - recall[-1])
    return shares


def plot_errors(shares: Dict[str, Dict[str, float]], path: str) -> None:
    """Draws the shares as stacked bars, one a class.

    Args:
        shares (dict): From :func:`analyse_errors`.
        path (str): File to write; its extension says the format.

    Raises:
        LaunchError: If it cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    colours = ('#4c9f70', '#f2a541', '#d1495b', '#6a7fdb', '#8d8d8d', '#2b2d42')
    figure = Figure(figsize=(7, 1.2 + 0.3 * len(shares)), layout='constrained')
    axes = figure.add_subplot()
    left = np.zeros(len(shares))
    for kind, colour in zip(KINDS, colours):
        values = 100 * np.array([item[kind] for item in shares.values()])
        axes.barh(list(shares), values, left=left, color=colour, label=kind)
        left += values
    axes.invert_yaxis()
    axes.set_xlabel('share of the precision-recall area, %')
    axes.legend(ncols=3, loc='lower center', bbox_to_anchor=(0.5, 1.0), frameon=False)
    with AtomicFile(path) as name:
        FigureCanvasAgg(figure).print_figure(name, dpi=120)
