"""AVA's frame mAP and recall at every step of a progressive detector, in one run."""
from typing import Any, Dict, List, Optional, Sequence

import numpy as np
import torch
from mmaction.evaluation.metrics import AVAMetric
from mmaction.registry import METRICS
from mmengine.logging import MMLogger

from mmstep.datasets.ava_files import image_key, read_label_map
from mmstep.errors import DataError
from mmstep.structures import step_key
from mmstep.structures.step_predictions import LAST_STEP
from ..ava import (AVATruth, average_precisions, both_average_precisions, class_agnostic_recall, gather_windows,
                   mean_average_precisions, pack_window, read_ava_truth)


@METRICS.register_module()
class StepwiseAVAMetric(AVAMetric):
    """MMAction2's ``AVAMetric`` at each step, with recall, per-class and group figures.

    Annotations, excluded seconds and label map are read when the metric is built, by the readers of
    :class:`AVAWindowDataset`: what that data set takes is taken here, and a bad file is named before training.

    For step s of ``num_steps`` the result holds:

    - ``step{s}/overall``, ``person_movement``, ``object_manipulation``, ``person_interaction``: frame mAP at IoU 0.5,
      by AVAMetric's rules. As there, a class without a single detection is left out of these means; a warning names
      it. A mean over no class (NaN in AVAMetric) is left out, except that ``overall`` is 0 when nothing at all was
      detected. Equal to AVAMetric's to the last bit with ``ties='mmaction'``, and without ties between scores.
    - ``step{s}/mAP_all_classes``: the mean of ActivityNet's own program, which the AVA challenge used. A class that is
      annotated and never detected counts 0, detections on seconds without annotation count as false, annotations on
      excluded seconds do not count. Papers' figures on AVA are this one, or MMAction2's ``overall``.
    - ``step{s}/AP/<class>``: average precision of every annotated class, 0 if it was never detected.
    - ``step{s}/<group>``: mean of these over the classes of each of ``groups``.
    - ``step{s}/recall@0.5_top{k}``: the share of annotated persons that one of the k best tubes of the window meets
      with IoU >= 0.5 at the key frame, whatever the class. Tubes are ranked by their best class score.

    Of a subset (``indices`` of :class:`AVAWindowDataset`) only its key seconds are scored, so that a short validation
    has figures of its own instead of persons missed in all the windows that were left out.

    The detector keeps every step's result with ``test_cfg=dict(keep_steps=True)``; of one step there is one anyway.

    Args:
        num_steps (int): Steps of the detector.
        groups (dict[str, list[str]], optional): Named groups of class names, for example
            ``dict(context=['walk', 'pace'])``.
        recall_top_k (int): How many tubes of a window count for the recall.
        ignore_empty_frames (bool): Whether detections on frames without annotation are ignored, as in AVAMetric. Set
            it to False when the data set holds every key frame, annotated or not (``all_key_frames=True``): they are
            then false positives in ``overall`` too. A warning says when such detections are ignored.
        ties (str): What decides between equal scores: 'content' of the detections, so that no order of windows, boxes
            or lines matters, or the order, as in 'mmaction'. Defaults to 'content'.
        only_tested (bool): Score only the key seconds of the windows that were given, whatever the data set: for a
            dump of some of them. Defaults to False: what is missing counts as missed.
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
                 ties: str = 'content',
                 only_tested: bool = False,
                 **kwargs) -> None:
        super().__init__(**kwargs)
        self.num_steps = num_steps
        self.groups = groups or {}
        self.recall_top_k = recall_top_k
        self.ignore_empty_frames = ignore_empty_frames
        if ties not in ('content', 'mmaction'):
            raise DataError(f"ties={ties!r} is unknown; choose 'content' or 'mmaction'")
        self.ties = ties
        self.only_tested = only_tested
        self.truth = self._read_ground_truth()
        ids = self.custom_classes or list(range(self.num_classes))
        self._action_ids = np.array([label if label in self.truth.names else 0 for label in ids])

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keeps of each window what the figures need.

        Args:
            data_batch (Any): Not used.
            data_samples (Sequence[dict]): Predictions with ``video_id``, ``timestamp`` and
                ``pred_instances_step1`` ... ``pred_instances_step{num_steps}``, each with ``bboxes`` (n, 4), fractions
                of the frame, and ``scores`` (n, num_classes). Tensors or numpy arrays.

        Raises:
            DataError: If a step's prediction is missing.
        """
        for sample in data_samples:
            result = dict(video_id=sample['video_id'], timestamp=sample['timestamp'], steps=[])
            for step in range(1, self.num_steps + 1):
                key = step_key(step)
                if self.num_steps == 1 and key not in sample and LAST_STEP in sample:
                    key = LAST_STEP  # all that a detector of one step has
                if key not in sample:
                    raise DataError(f'StepwiseAVAMetric(num_steps={self.num_steps}) found no "{key}" in the '
                                    f'prediction for video {sample["video_id"]}. Set keep_steps=True in the test_cfg '
                                    'of the model (test_cfg.keep_steps), or num_steps to the number of its steps.')
                result['steps'].append(self._pack(sample[key]))
            self.results.append(result)

    def _pack(self, pred: dict) -> Dict[str, np.ndarray]:
        """Shrinks one prediction to its detections (:func:`pack_window`) and ``top``, the (k, 4) boxes that count for
        the recall."""
        boxes, scores = (torch.as_tensor(pred[name]).float().cpu() for name in ('bboxes', 'scores'))
        best = scores[:, 1:].amax(dim=1) if len(scores) else scores.new_zeros(0)
        order = torch.argsort(best, descending=True, stable=True)[:self.recall_top_k]
        packed = pack_window(boxes.numpy(), scores.numpy(), self._action_ids, self.action_thr)
        return dict(packed, top=boxes[order].numpy())

    def compute_metrics(self, results: List[dict]) -> Dict[str, float]:
        """Computes all figures.

        Args:
            results (list[dict]): What :meth:`process` kept, of all processes.

        Returns:
            dict[str, float]: Name -> value, see the class.
        """
        keys = [image_key(item['video_id'], item['timestamp']) for item in results]
        truth = self._truth_of(keys)
        annotated = set(truth.keys)
        empty = sum(key not in annotated for key in keys)
        if empty and self.ignore_empty_frames:
            MMLogger.get_current_instance().warning(
                f'{empty} of {len(results)} windows lie on seconds without annotation. "overall" ignores what is '
                'detected there (set ignore_empty_frames=False to count it), "mAP_all_classes" counts it.')
        figures = {
            f'step{step + 1}': self._compute_step(truth, keys, [item['steps'][step] for item in results], step)
            for step in range(self.num_steps)
        }
        MMLogger.get_current_instance().info('\n' + format_table(figures))
        return {f'{step}/{name}': value for step, values in figures.items() for name, value in values.items()}

    def _read_ground_truth(self) -> AVATruth:
        names = read_label_map(self.label_file)
        _check_groups(self.groups, names, self.label_file)
        if self.custom_classes is not None:
            absent = sorted(set(self.custom_classes[1:]) - set(names))
            if absent:
                raise DataError(f'custom_classes {absent} are not in {self.label_file}')
            names = {label: names[label] for label in self.custom_classes[1:]}
        return read_ava_truth(self.ann_file, names, self.exclude_file)

    def _truth_of(self, tested: List[str]) -> AVATruth:
        """What is annotated on the seconds that are scored, given the keys of the windows."""
        subset = tested if self.only_tested else (self.dataset_meta or {}).get('img_keys')
        if subset is None:
            return self.truth
        truth = self.truth.of_seconds(subset)
        if not truth.keys:
            raise DataError(f'none of the {len(subset)} key seconds that are to be scored is annotated in '
                            f'{self.ann_file} with a class that is scored')
        MMLogger.get_current_instance().info(
            f'A subset is scored: {len(truth.keys)} of the {len(self.truth.keys)} annotated key seconds of '
            f'{self.ann_file}. The figures are not those of the whole.')
        return truth

    def _compute_step(self, truth: AVATruth, keys: List[str], windows: List[dict], step: int) -> Dict[str, float]:
        detected = gather_windows(keys, windows)
        aps, all_classes = both_average_precisions(truth, detected, self.ignore_empty_frames)
        if self.ties == 'mmaction':
            aps = average_precisions(truth, detected, self.ignore_empty_frames)
        figures = mean_average_precisions(aps)
        figures['mAP_all_classes'] = float(np.mean(list(all_classes.values()))) if all_classes else 0.

        annotated = np.unique(truth.label).tolist()
        silent = sorted(set(annotated) - set(aps))
        if silent:
            MMLogger.get_current_instance().warning(
                f'Step {step + 1}: not one detection of: {", ".join(truth.names[label] for label in silent)}. '
                'As in AVAMetric "overall" is the mean of the other classes; in "mAP_all_classes" they count 0.')
        by_name = {truth.names[label]: aps.get(label, 0.0) for label in annotated}
        for group, names in self.groups.items():
            members = [by_name[name] for name in names if name in by_name]
            if members:
                figures[group] = float(np.mean(members))
        tops = {key: window['top'] for key, window in zip(keys, windows)}
        figures[f'recall@0.5_top{self.recall_top_k}'] = class_agnostic_recall(truth, tops)
        figures.update({f'AP/{name}': ap for name, ap in by_name.items()})
        return figures


def _check_groups(groups: Dict[str, List[str]], names: Dict[int, str], label_file: str) -> None:
    for group, members in groups.items():
        unknown = [name for name in members if name not in names.values()]
        if unknown:
            raise DataError(f'groups["{group}"] of StepwiseAVAMetric names {unknown}, which {label_file} does not '
                            f'have. It has: {", ".join(names.values())}')


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
