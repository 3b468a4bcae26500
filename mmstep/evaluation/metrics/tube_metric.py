"""Frame-mAP and video-mAP of a detector of tubes."""
from collections import defaultdict
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np
from mmaction.registry import METRICS
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger

from mmstep.datasets.tube_annotations import read_tube_annotations
from mmstep.errors import DataError
from mmstep.structures import Tubelets
from mmstep.structures.step_predictions import LAST_STEP, step_key
from ..error_analysis import analyse_errors, plot_errors
from ..evaluate import Evaluation, TubeEvaluator
from ..linking import find_stride
from ..rules import Rules, get_rules
from ..video_processes import score_videos
from ..window_tubelets import centre_clip_boxes, to_annotation_pixels


@METRICS.register_module()
class TubeMetric(BaseMetric):
    """Frame-mAP and video-mAP on densely annotated videos (UCF101-24, J-HMDB), at every step of the detector.

    The centre clip of each predicted tube is a tubelet. Frame-mAP comes from the tubelets' boxes, video-mAP from the
    tubes that they are linked to, see :func:`frame_map`, :func:`link_tubes` and :func:`video_map`. For step s of
    ``num_steps`` the result holds, in [0, 1]:

    - ``step{s}/frame-mAP@{thr}`` and ``step{s}/video-mAP@{thr}``, ``step{s}/video-mAP@0.5:0.95``;
    - ``step{s}/AP/{class}``: average precision in frames at the first threshold, of the classes that are annotated.

    Windows may come in any order and from any process; one that comes twice counts once. Until all are there, the
    boxes and scores of every window are kept, 4 (4 K + L) bytes a tube and step; the evaluation itself takes memory
    for one video at a time (in each of several processes) and, of the others, 7 bytes a box that is left after NMS.

    Args:
        ann_file (str): See :func:`read_tube_annotations`.
        clip_len (int): Frames K of a clip.
        split (int): Split. Defaults to 1.
        test_list (str, optional): File of the test videos, for pyannot.pkl.
        temporal_stride (int): Frames per feature frame of the model. Defaults to 1.
        num_steps (int): Steps of the detector; more than one needs ``test_cfg=dict(keep_steps=True)``. Defaults to 1.
        rules (str | dict): See :func:`get_rules`. Defaults to 'act'.
        trim (dict, optional): Temporal trimming: ``switch_cost`` and ``threshold`` of :func:`action_segments`. The
            figures without it are then there too: ``step{s}/untrimmed-video-mAP@{thr}``. Defaults to none.
        frame_iou_thrs (Sequence[float]): Defaults to (0.5, ).
        video_iou_thrs (Sequence[float]): Defaults to (0.05, 0.1, 0.2, 0.5). 0.5:0.95 comes with them.
        stride (int, optional): Frames between the windows; paths of linked tubelets live at least so long. Defaults to
            what :func:`find_stride` finds.
        error_plot (str, optional): Where to draw the error analysis of the last step.
        collect_device (str): As in MMEngine.
        prefix (str, optional): As in MMEngine.

    Raises:
        ValueError: If a setting or the annotation is wrong.
    """
    default_prefix: Optional[str] = ''

    def __init__(self,
                 ann_file: str,
                 clip_len: int,
                 split: int = 1,
                 test_list: Optional[str] = None,
                 temporal_stride: int = 1,
                 num_steps: int = 1,
                 rules: Rules = 'act',
                 trim: Optional[dict] = None,
                 frame_iou_thrs: Sequence[float] = (0.5, ),
                 video_iou_thrs: Sequence[float] = (0.05, 0.1, 0.2, 0.5),
                 stride: Optional[int] = None,
                 error_plot: Optional[str] = None,
                 collect_device: str = 'cpu',
                 prefix: Optional[str] = None) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        self.truth = read_tube_annotations(ann_file, split, 'test', test_list)
        self.ann_file = ann_file
        self.clip_len = clip_len
        self.temporal_stride = temporal_stride
        self.num_steps = num_steps
        self.rules = get_rules(rules)
        self.trim = trim
        self.frame_iou_thrs = frame_iou_thrs
        self.video_iou_thrs = video_iou_thrs
        self.stride = stride
        self.error_plot = error_plot
        self._video = {name: index for index, name in enumerate(self.truth.videos)}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keeps the tubelets of each window.

        Args:
            data_batch (Any): Not used.
            data_samples (Sequence[dict]): Predictions with ``video_id``, ``clip_start``, ``img_shape`` and
                ``pred_instances`` or ``pred_instances_step{s}``, each with ``tubes`` (n, T_s, 4) in pixels of the
                network input and ``scores`` (n, L + 1), column 0 unused. Tensors or numpy arrays.

        Raises:
            DataError: If a step's prediction is missing.
            ValueError: If a video or the number of classes is not that of the annotations.
        """
        for sample in data_samples:
            video = self._video.get(sample['video_id'])
            if video is None:
                raise DataError(f'the video {sample["video_id"]} of a prediction is not among the {len(self._video)} '
                                f'test videos of {self.ann_file}')
            steps = [self._tubelets(sample, video, step) for step in range(1, self.num_steps + 1)]
            self.results.append(dict(video=video, start=int(sample['clip_start']), steps=steps))

    def _tubelets(self, sample: dict, video: int, step: int) -> Tuple[np.ndarray, np.ndarray]:
        """Boxes (n, K, 4) and scores (n, L) of a step's tubelets."""
        key = LAST_STEP if self.num_steps == 1 else step_key(step)
        if key not in sample:
            raise DataError(f'TubeMetric(num_steps={self.num_steps}) found no "{key}" in the prediction for video '
                            f'{sample["video_id"]}. Set keep_steps=True in the test_cfg of the model, or num_steps to '
                            'the number of its steps.')
        scores, tubes = (_to_numpy(sample[key][name]) for name in ('scores', 'tubes'))
        if scores.shape[1] != len(self.truth.labels) + 1:
            raise DataError(f'predictions have scores of {scores.shape[1] - 1} classes, and {self.ann_file} has '
                            f'{len(self.truth.labels)}')
        kept = (scores[:, 1:] > 0).any(axis=1)
        boxes = centre_clip_boxes(tubes[kept], self.clip_len, self.temporal_stride)
        boxes = to_annotation_pixels(boxes, sample['img_shape'], self.truth.resolution[video])
        return boxes, scores[kept, 1:].astype(np.float32)

    def compute_metrics(self, results: List[dict]) -> Dict[str, float]:
        """Computes all figures.

        Args:
            results (list[dict]): What :meth:`process` kept, of all processes.

        Returns:
            dict[str, float]: Name -> value, see the class.
        """
        windows: Dict[int, Dict[int, list]] = defaultdict(dict)
        for result in results:
            windows[result['video']][result['start']] = result['steps']
        logger = MMLogger.get_current_instance()
        silent = [name for name, video in self._video.items() if video not in windows]
        if silent:
            logger.warning(f'{len(silent)} of {len(self._video)} videos of {self.ann_file} have no prediction and '
                           f'count as missed: {", ".join(silent[:5])}')
        stride = self.stride
        if stride is None:
            pairs = [(video, start) for video, starts in windows.items() for start in starts]
            video, start = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
            stride = find_stride(video, start, self.rules.gap(self.clip_len))
        evaluators = [
            TubeEvaluator(self.truth, self.rules, self.frame_iou_thrs, self.video_iou_thrs, self.trim, stride)
            for _ in range(self.num_steps)
        ]
        score_videos(evaluators, lambda: self._all_steps(windows), len(results))
        figures = {f'step{step}': evaluator.result() for step, evaluator in enumerate(evaluators, 1)}
        if self.error_plot is not None:
            plot_errors(
                analyse_errors(self.truth, self._videos(windows, self.num_steps - 1), self.rules), self.error_plot)
        logger.info('\n' + format_steps(figures))
        return {f'{step}/{name}': value for step, item in figures.items() for name, value in item.figures().items()}

    def _all_steps(self, windows: Dict[int, Dict[int, list]]) -> Iterator[Tuple[int, List[Tubelets]]]:
        """The tubelets of every predicted video, of all steps."""
        for items in zip(*(self._videos(windows, step) for step in range(self.num_steps))):
            yield items[0][0], [tubelets for _, tubelets in items]

    def _videos(self, windows: Dict[int, Dict[int, list]], step: int) -> Iterator[Tuple[int, Tubelets]]:
        """The tubelets of every predicted video."""
        for video in sorted(windows):
            starts = sorted(windows[video])
            boxes, scores = zip(*(windows[video][start][step] for start in starts))
            counts = [len(item) for item in boxes]
            yield video, Tubelets(
                video=np.full(sum(counts), video, dtype=np.int64),
                start=np.repeat(np.array(starts, dtype=np.int64), counts),
                boxes=np.concatenate(boxes),
                scores=np.concatenate(scores))


def _to_numpy(value: Any) -> np.ndarray:
    return value if isinstance(value, np.ndarray) else value.detach().cpu().float().numpy()


def format_steps(figures: Dict[str, Evaluation]) -> str:
    """A table of all steps' means and, per class, frame average precision.

    Args:
        figures (dict): By name of the step.

    Returns:
        str: Lines.
    """
    columns = {step: item.figures() for step, item in figures.items()}
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    width = max(len(name) for name in names) + 2
    lines = [' ' * width + ''.join(f'{step:>9}' for step in columns)]
    for name in names:
        values = (f'{100 * column[name]:9.2f}' if name in column else f'{"-":>9}' for column in columns.values())
        lines.append(f'{name:<{width}}' + ''.join(values))
    absent = next(iter(figures.values())).absent
    if absent:
        lines.append('never annotated, left out of the means: ' + ', '.join(absent))
    return '\n'.join(lines)
