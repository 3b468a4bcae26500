"""Pictures of test windows: what is annotated beside what was detected."""
import csv
import io
import os
import os.path as osp
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import cv2
import numpy as np
import torch
from mmaction.registry import HOOKS
from mmengine.dist import all_gather_object, get_rank, get_world_size, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmstep.datasets.ava_files import key_time
from mmstep.errors import LaunchError
from mmstep.utils import cannot_write, write_image, write_text
from mmstep.visualization import DetectedPerson, draw_comparison
from ..config_reading import class_names
from .window_score import Persons, count_found, score_window

INDEX = 'index.csv'
COLUMNS = ('picture', 'video', 'time', 'annotated', 'found', 'detected', 'AP')
MOST_PERSONS = 20  # of the detected ones that are drawn
SHORT_SIDE = (480, 1080)  # of a drawn frame, pixels; labels want room


class WindowPicture(NamedTuple):
    """A line of the index.

    Attributes:
        picture (str): Name of the file.
        video (str): The video.
        time (str): The key second or, where every frame is annotated, the first frame of the clip, from 1.
        annotated (int): Persons that are annotated.
        found (int): Of these, those that a drawn box meets with IoU >= 0.5, whatever the action.
        detected (int): Persons that are drawn as detected.
        ap (float): Average precision of the window's detections, of all classes and scores together.
    """
    picture: str
    video: str
    time: str
    annotated: int
    found: int
    detected: int
    ap: float


@HOOKS.register_module()
class STEPVisualizationHook(Hook):
    """Draws test windows into a folder, the worst ones on top of an index.

    The picture is the window's key frame as the model gets it, at the aspect ratio of the video: what a transform does
    to frames or boxes shows. White: annotated; green: detected, the best action being right; red: detected otherwise.
    Files are called ``<video>_<second>.jpg`` or, where every frame is annotated, ``<video>_frame<number>.jpg`` by the
    first frame of the clip, whose middle is drawn. ``index.csv`` lists them by their average precision, lowest first.

    Args:
        out_dir (str): The folder; it is made.
        interval (int): Every so many windows. Defaults to 1.
        score_thr (float): The least score of an action that is drawn. Defaults to 0.3.

    Raises:
        LaunchError: If ``interval`` is not positive, or a file cannot be written.
    """
    # After whatever else looks at the detections.
    priority = 'LOW'

    def __init__(self, out_dir: str, interval: int = 1, score_thr: float = 0.3) -> None:
        if interval < 1:
            raise LaunchError(f'the interval of the pictures must be at least 1 window, got {interval}')
        self.out_dir = out_dir
        self.interval = interval
        self.score_thr = score_thr
        self._lines: List[WindowPicture] = []
        self._seen = 0
        self._names: Optional[List[str]] = None

    def before_test(self, runner: Runner) -> None:
        """Makes the folder, before the first window is looked at.

        Args:
            runner (Runner): Its config names the classes.
        """
        self._lines, self._seen = [], 0
        self._names = class_names(runner.cfg)
        try:
            os.makedirs(self.out_dir, exist_ok=True)
        except OSError as error:
            raise cannot_write(self.out_dir, error) from error

    def after_test_iter(self,
                        runner: Runner,
                        batch_idx: int,
                        data_batch: Any = None,
                        outputs: Optional[Sequence[Any]] = None) -> None:
        """Draws windows of a batch.

        Args:
            runner (Runner): Not used.
            batch_idx (int): Not used.
            data_batch (dict): ``inputs`` as the data set packed them.
            outputs (list[ActionDataSample]): With ``pred_instances`` and, where annotated, ``gt_tubes``.
        """
        for index, sample in enumerate(outputs or ()):
            # Windows are dealt out to the processes one by one.
            number = self._seen * get_world_size() + get_rank()
            self._seen += 1
            if number % self.interval == 0:
                self._lines.append(self._draw(_window(data_batch['inputs'], index), sample))

    def after_test_epoch(self, runner: Runner, metrics: Optional[Dict[str, float]] = None) -> None:
        """Writes the index.

        Args:
            runner (Runner): Its logger is told.
            metrics (dict, optional): Not used.
        """
        lines = {line.picture: line for part in all_gather_object(self._lines) for line in part}
        if not is_main_process():
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator='\n')
        writer.writerow(COLUMNS)
        for line in sorted(lines.values(), key=lambda line: (line.ap, line.found - line.annotated, line.picture)):
            writer.writerow([*line[:-1], f'{line.ap:.4f}'])
        write_text(osp.join(self.out_dir, INDEX), text.getvalue())
        runner.logger.info(f'{len(lines)} pictures are in {self.out_dir}; {INDEX} lists them, the worst first')

    def _draw(self, window: torch.Tensor, sample: Any) -> WindowPicture:
        """Draws and writes a window."""
        detected = _detected(sample)
        annotated, frame = _annotated(sample, window.shape, detected.scores.shape[1])
        ap, right = score_window(annotated, detected, self.score_thr)
        shown = np.flatnonzero(detected.scores.max(axis=1, initial=0) >= self.score_thr)[:MOST_PERSONS]
        names = self._names or [f'class {label}' for label in range(1, detected.scores.shape[1] + 1)]
        picture = _resize(_picture(window[:, frame]), sample.get('original_shape') or window.shape[-2:])
        size = np.array([picture.shape[1], picture.shape[0]] * 2)
        persons = [
            DetectedPerson(detected.boxes[i] * size, self._actions(detected.scores[i], names), bool(right[i]))
            for i in shown
        ]
        truth = [(box * size, [names[label] for label in np.flatnonzero(labels)])
                 for box, labels in zip(annotated.boxes, annotated.scores)]
        found = count_found(annotated.boxes, detected.boxes[shown])
        video, time, name = _name(sample)
        captions = (f'{video}, {time}: annotated',
                    f'detected from {self.score_thr:g}: {found} of {len(truth)} persons, AP {ap:.2f}')
        write_image(osp.join(self.out_dir, name), draw_comparison(picture, truth, persons, captions))
        return WindowPicture(name, video, time, len(truth), found, len(persons), ap)

    def _actions(self, scores: np.ndarray, names: Sequence[str]) -> List[Tuple[str, float]]:
        order = np.argsort(-scores, kind='stable')
        return [(names[label], float(scores[label])) for label in order if scores[label] >= self.score_thr]


def _window(inputs: Any, index: int) -> torch.Tensor:
    """Frames of a window of a batch, (C, F, H, W): pictures, or without any the flow."""
    if isinstance(inputs, dict):
        inputs = inputs['imgs' if 'imgs' in inputs else 'flows']
    return inputs[index]


def _picture(frame: torch.Tensor) -> np.ndarray:
    """A frame as an RGB picture; flow (2, H, W) as its length, the longest white."""
    if frame.shape[0] == 3:
        return frame.permute(1, 2, 0).cpu().numpy().astype(np.uint8)
    length = frame.float().norm(dim=0).cpu().numpy()
    grey = (255 * length / max(float(length.max()), 1.)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _resize(picture: np.ndarray, original_shape: Sequence[int]) -> np.ndarray:
    """The picture at the aspect ratio of the video, and large enough for labels."""
    height, width = original_shape
    scale = float(np.clip(min(height, width), *SHORT_SIDE)) / min(height, width)
    return cv2.resize(picture, (round(scale * width), round(scale * height)), interpolation=cv2.INTER_CUBIC)


def _detected(sample: Any) -> Persons:
    found = sample.pred_instances
    return Persons(_array(found.bboxes).reshape(-1, 4), _array(found.scores)[:, 1:])


def _annotated(sample: Any, shape: torch.Size, num_classes: int) -> Tuple[Persons, int]:
    """The persons annotated in the key frame, and the key frame's place in the window."""
    num_frames, height, width = shape[1:]
    if 'gt_tubes' not in sample:
        return Persons(np.zeros((0, 4)), np.zeros((0, num_classes))), num_frames // 2
    tubes = sample.gt_tubes
    num_feats = tubes.bboxes.shape[1]
    stride = num_frames // num_feats
    # Of the middle feature frame, as the detections' boxes are.
    there = _array(tubes.valid)[:, num_feats // 2].astype(bool)
    boxes = _array(tubes.bboxes)[there, num_feats // 2] / np.array([width, height] * 2)
    labels = _array(tubes.labels)[there]
    scores = labels[:, 1:] if labels.ndim == 2 else np.eye(num_classes)[labels.astype(np.int64)]
    return Persons(boxes.reshape(-1, 4), scores), num_feats // 2 * stride + stride // 2


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy().astype(np.float64)


def _name(sample: Any) -> Tuple[str, str, str]:
    """Video, time and file of a window."""
    video = str(sample.video_id)
    stem = video.replace('/', '_').replace(os.sep, '_')
    if sample.get('timestamp') is not None:
        return video, f'second {sample.timestamp}', f'{stem}_{key_time(sample.timestamp)}.jpg'
    return video, f'frame {sample.clip_start}', f'{stem}_frame{sample.clip_start:06d}.jpg'
