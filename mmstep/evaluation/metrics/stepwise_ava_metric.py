"""AVA's frame mAP and recall at every step of a progressive detector, in one run."""
import multiprocessing
import os
import os.path as osp
import tempfile
from collections import defaultdict
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import numpy as np
import torch
from mmaction.evaluation import results2csv
from mmaction.evaluation.functional.ava_evaluation import metrics, np_box_ops
from mmaction.evaluation.functional.ava_utils import make_image_key, read_csv, tpfp_single
from mmaction.evaluation.metrics import AVAMetric
from mmaction.registry import METRICS
from mmaction.structures import bbox2result
from mmengine.logging import MMLogger

from mmstep.datasets.ava_csv import read_annotations, read_excluded, read_label_map
from mmstep.structures import step_key

# From this many frames on (AVA's validation set has 57,000) matching is worth a pool of processes.
POOL_FROM = 5000


class GroundTruth(NamedTuple):
    """Annotations in the form that MMAction2's AVA evaluation takes; boxes are y1x1y2x2, fractions of the frame.

    ``boxes`` and ``labels`` map an image key to lists of equal length: a person who does two things is there twice.
    ``names`` holds the classes that are scored.
    """
    boxes: Dict[str, list]
    labels: Dict[str, list]
    excluded: set
    names: Dict[int, str]


@METRICS.register_module()
class StepwiseAVAMetric(AVAMetric):
    """MMAction2's ``AVAMetric`` at each step, with recall, per-class and group figures.

    Annotations, excluded seconds and label map are read when the metric is built, by the readers of
    :class:`AVAWindowDataset`: what that data set takes is taken here, and a bad file is named before training.

    For step s of ``num_steps`` the result holds:

    - ``step{s}/overall``, ``person_movement``, ``object_manipulation``, ``person_interaction``: frame mAP at IoU 0.5,
      equal to AVAMetric's to the last bit, made by the same functions. As there, a class without a single detection is
      left out of these means; a warning names it. A mean over no class (NaN in AVAMetric) is left out, except
      that ``overall`` is 0 when nothing at all was detected.
    - ``step{s}/AP/<class>``: average precision of every annotated class, 0 if it was never detected.
    - ``step{s}/<group>``: mean of these over the classes of each of ``groups``.
    - ``step{s}/recall@0.5_top{k}``: the share of annotated persons that one of the k best tubes of the window meets
      with IoU >= 0.5 at the key frame, whatever the class. Tubes are ranked by their best class score.

    The detector keeps every step's result with ``test_cfg=dict(keep_steps=True)``.

    Args:
        num_steps (int): Steps of the detector.
        groups (dict[str, list[str]], optional): Named groups of class names, for example
            ``dict(context=['walk', 'pace'])``.
        recall_top_k (int): How many tubes of a window count for the recall.
        ignore_empty_frames (bool): Whether detections on frames without annotation are ignored, as in AVAMetric. Set
            it to False when the data set holds every key frame, annotated or not: they are then false positives.
        **kwargs: Arguments of AVAMetric: ``ann_file``, ``label_file``, ``exclude_file``, ``num_classes``,
            ``action_thr``, ``custom_classes``, ``collect_device``, ``prefix``.

    Raises:
        FileNotFoundError: If a file does not exist.
        ValueError: If one cannot be read, has no row of a scored class, or lacks a class that a setting names.
    """
    default_prefix: Optional[str] = ''

    def __init__(self,
                 num_steps: int = 3,
                 groups: Optional[Dict[str, List[str]]] = None,
                 recall_top_k: int = 3,
                 ignore_empty_frames: bool = True,
                 **kwargs) -> None:
        super().__init__(**kwargs)
        self.num_steps = num_steps
        self.groups = groups or {}
        self.recall_top_k = recall_top_k
        self.ignore_empty_frames = ignore_empty_frames
        self.truth = self._read_ground_truth()

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keeps of each window what the figures need.

        Args:
            data_batch (Any): Not used.
            data_samples (Sequence[dict]): Predictions with ``video_id``, ``timestamp`` and
                ``pred_instances_step1`` ... ``pred_instances_step{num_steps}``, each with ``bboxes`` (n, 4), fractions
                of the frame, and ``scores`` (n, num_classes). Tensors or numpy arrays.

        Raises:
            KeyError: If a step's prediction is missing.
        """
        for sample in data_samples:
            result = dict(video_id=sample['video_id'], timestamp=sample['timestamp'], steps=[])
            for step in range(1, self.num_steps + 1):
                key = step_key(step)
                if key not in sample:
                    raise KeyError(f'StepwiseAVAMetric(num_steps={self.num_steps}) found no "{key}" in the '
                                   f'prediction for video {sample["video_id"]}. Set keep_steps=True in the test_cfg '
                                   'of the model (test_cfg.keep_steps), or num_steps to the number of its steps.')
                result['steps'].append(self._pack(sample[key]))
            self.results.append(result)

    def _pack(self, pred: dict) -> Dict[str, np.ndarray]:
        """Shrinks one prediction to ``detections`` (m, 6), rows of label, box and score, class by class, and ``top``,
        the (k, 4) boxes that count for the recall."""
        boxes = torch.as_tensor(pred['bboxes']).float()
        scores = torch.as_tensor(pred['scores']).float()
        per_class = bbox2result(boxes, scores, num_classes=self.num_classes, thr=self.action_thr)
        labels = np.repeat(np.arange(len(per_class), dtype=np.float32), [len(rows) for rows in per_class])
        detections = np.concatenate([labels[:, None], np.concatenate(per_class)], axis=1)
        best = scores[:, 1:].amax(dim=1) if len(scores) else scores.new_zeros(0)
        order = torch.argsort(best, descending=True, stable=True)[:self.recall_top_k]
        return dict(detections=detections.astype(np.float32), top=boxes[order].cpu().numpy())

    def compute_metrics(self, results: List[dict]) -> Dict[str, float]:
        """Computes all figures.

        Args:
            results (list[dict]): What :meth:`process` kept, of all processes.

        Returns:
            dict[str, float]: Name -> value, see the class.
        """
        figures = {}
        # AVAMetric writes AVA_<second>_result.csv into the working directory, where two runs meet.
        with tempfile.TemporaryDirectory(prefix='mmstep_ava_') as folder:
            for step in range(self.num_steps):
                figures[f'step{step + 1}'] = self._compute_step(results, step, self.truth, folder)
        MMLogger.get_current_instance().info('\n' + format_table(figures))
        return {f'{step}/{name}': value for step, values in figures.items() for name, value in values.items()}

    def _read_ground_truth(self) -> GroundTruth:
        names = read_label_map(self.label_file)
        _check_groups(self.groups, names, self.label_file)
        if self.custom_classes is not None:
            absent = sorted(set(self.custom_classes[1:]) - set(names))
            if absent:
                raise ValueError(f'custom_classes {absent} are not in {self.label_file}')
            names = {label: names[label] for label in self.custom_classes[1:]}
        frames = defaultdict(list)
        for row in read_annotations(self.ann_file):
            if row.label in names:
                frames[make_image_key(row.video_id, row.timestamp)].append(row)
        if not frames:
            raise ValueError(f'{self.ann_file} has no row of a class that is scored: {", ".join(names.values())}')
        boxes, labels = {}, {}
        for key, rows in frames.items():
            # AVAMetric takes the last column, the person, for a score, by which it orders the boxes of a frame.
            rows.sort(key=lambda row: -row.entity_id)
            boxes[key] = [(row.box[1], row.box[0], row.box[3], row.box[2]) for row in rows]
            labels[key] = [row.label for row in rows]
        excluded = set() if self.exclude_file is None else read_excluded(self.exclude_file)
        return GroundTruth(boxes, labels, {make_image_key(*key) for key in excluded}, names)

    def _compute_step(self, results: List[dict], step: int, truth: GroundTruth, folder: str) -> Dict[str, float]:
        csv_file = osp.join(folder, f'step{step + 1}.csv')
        # Through the file, since its four decimals are part of AVAMetric's result.
        results2csv([self._unpack(result, step) for result in results], csv_file, self.custom_classes)
        with open(csv_file) as file:
            detected = read_csv(file, set(truth.names))
        aps = average_precisions(truth, detected, self.ignore_empty_frames)
        figures = mean_average_precisions(aps)

        annotated = {label for labels in truth.labels.values() for label in labels}
        silent = sorted(annotated - set(aps))
        if silent:
            MMLogger.get_current_instance().warning(
                f'Step {step + 1}: not one detection of: {", ".join(truth.names[label] for label in silent)}. '
                'As in AVAMetric the mAP is the mean of the other classes.')
        by_name = {truth.names[label]: aps.get(label, 0.0) for label in sorted(annotated)}
        for group, names in self.groups.items():
            members = [by_name[name] for name in names if name in by_name]
            if members:
                figures[group] = float(np.mean(members))
        tops = {make_image_key(r['video_id'], r['timestamp']): r['steps'][step]['top'] for r in results}
        figures[f'recall@0.5_top{self.recall_top_k}'] = class_agnostic_recall(truth, tops)
        figures.update({f'AP/{name}': ap for name, ap in by_name.items()})
        return figures

    def _unpack(self, result: dict, step: int) -> dict:
        """Brings one stored window into the form that ``results2csv`` takes."""
        detections = result['steps'][step]['detections']
        ends = np.searchsorted(detections[:, 0], np.arange(1, self.num_classes - 1))
        outputs = np.split(detections[:, 1:], ends)
        return dict(video_id=result['video_id'], timestamp=result['timestamp'], outputs=outputs)


def _check_groups(groups: Dict[str, List[str]], names: Dict[int, str], label_file: str) -> None:
    for group, members in groups.items():
        unknown = [name for name in members if name not in names.values()]
        if unknown:
            raise ValueError(f'groups["{group}"] of StepwiseAVAMetric names {unknown}, which {label_file} does not '
                             f'have. It has: {", ".join(names.values())}')


def average_precisions(truth: GroundTruth, detected: tuple, ignore_empty_frames: bool = True) -> Dict[int, float]:
    """Average precision at IoU 0.5 of each class that was detected: MMAction2's ``ava_eval`` without its 32 processes
    (never closed) and its printing.

    Args:
        truth (GroundTruth): Annotations.
        detected (tuple): Boxes, labels and scores of the detections, as ``read_csv`` returns them.
        ignore_empty_frames (bool): Whether detections on frames without annotation are ignored.

    Returns:
        dict[int, float]: Class id -> average precision, in the order in which ``ava_eval`` meets the classes; NaN for
        a class that is never annotated.
    """
    boxes, labels, scores = detected
    keys = truth.boxes if ignore_empty_frames else boxes
    frames = [(truth.boxes.get(k, []), truth.labels.get(k, []), boxes.get(k, []), labels.get(k, []), scores.get(k, []))
              for k in keys if k not in truth.excluded]
    class_scores, class_hits = defaultdict(list), defaultdict(list)
    for frame_scores, frame_hits in _map_frames(frames):
        for label in frame_scores:
            class_scores[label].append(frame_scores[label])
            class_hits[label].append(frame_hits[label])

    all_labels = np.concatenate(list(truth.labels.values()))
    aps = {}
    for label in class_scores:
        precision, recall = metrics.compute_precision_recall(
            np.concatenate(class_scores[label]), np.concatenate(class_hits[label]), np.sum(all_labels == label))
        aps[label] = float(metrics.compute_average_precision(precision, recall))
    return aps


def _map_frames(frames: list) -> list:
    """Matches detections with annotations in every frame."""
    if len(frames) < POOL_FROM:
        return [tpfp_single(frame) for frame in frames]
    with multiprocessing.Pool(min(os.cpu_count() or 1, 16)) as pool:
        return pool.map(tpfp_single, frames)


def mean_average_precisions(aps: Dict[int, float]) -> Dict[str, float]:
    """AVAMetric's four means; those over no class are left out, except that ``overall`` is then 0.

    Args:
        aps (dict[int, float]): Class id -> average precision, which may be NaN.

    Returns:
        dict[str, float]: Name -> mean.
    """
    groups = dict(
        overall=list(aps.values()),
        person_movement=[ap for label, ap in aps.items() if label <= 14],
        object_manipulation=[ap for label, ap in aps.items() if 14 < label < 64],
        person_interaction=[ap for label, ap in aps.items() if 64 <= label])
    means = {name: float(np.nanmean(values)) for name, values in groups.items() if not np.all(np.isnan(values))}
    return {'overall': 0.0, **means}


def class_agnostic_recall(truth: GroundTruth, tops: Dict[str, np.ndarray], iou_thr: float = 0.5) -> float:
    """Share of annotated persons that any of the given boxes of their frame meets.

    Args:
        truth (GroundTruth): Annotations; a person with several labels counts once.
        tops (dict[str, np.ndarray]): Image key -> (k, 4) boxes, x1y1x2y2, fractions of the frame.
        iou_thr (float): Overlap from which a person counts as found.

    Returns:
        float: Recall in 0..1.
    """
    found = total = 0
    for key, boxes in truth.boxes.items():
        if key in truth.excluded:
            continue
        persons = np.unique(np.array(boxes, dtype=np.float32), axis=0)
        total += len(persons)
        candidates = tops.get(key, np.zeros((0, 4), dtype=np.float32))
        if len(candidates):
            overlaps = np_box_ops.iou(persons, candidates[:, [1, 0, 3, 2]])
            found += int((overlaps.max(axis=1) >= iou_thr).sum())
    return found / total if total else 0.0


def format_table(figures: Dict[str, Dict[str, float]]) -> str:
    """Lays the figures of all steps side by side.

    Args:
        figures (dict[str, dict[str, float]]): Step name -> figure name -> value.

    Returns:
        str: One aligned line for each figure, one column for each step, in percent.
    """
    names = list(dict.fromkeys(name for values in figures.values() for name in values))
    width = max(len(name) for name in names)
    lines = [' ' * width + ''.join(f'{step:>9}' for step in figures)]
    for name in names:
        cells = (f'{100 * values[name]:9.2f}' if name in values else f'{"-":>9}' for values in figures.values())
        lines.append(f'{name:<{width}}' + ''.join(cells))
    return '\n'.join(lines)
