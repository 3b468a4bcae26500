"""How a detector's boxes move over its steps: from the initial tubes to what it found."""
from typing import Any, List, Sequence

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from torch import nn

from mmstep.errors import LaunchError
from mmstep.structures import middle_frames
from mmstep.video.sources import SeekableSource
from mmstep.visualization import draw_persons, filmstrip, scale_to_height
from ..config_reading import class_names
from ..detection.detect_video import read_window
from ..detection.frame_preparation import FramePreparation
from ..detection.window_layout import WindowLayout
from ..persons.detections import Detection, KeyFrame


def has_steps(model: nn.Module) -> bool:
    """Whether a model refines initial tubes over steps, as :class:`ProgressiveRoIHead` does."""
    return hasattr(getattr(model, 'roi_head', None), 'prior_generator')


def require_steps(model: nn.Module) -> None:
    """Checks that a model refines tubes over steps.

    Args:
        model (nn.Module): The detector.

    Raises:
        LaunchError: If it does not.
    """
    if not has_steps(model):
        raise LaunchError(f'{type(model).__name__} has no initial tubes that it refines over steps: the view of its '
                          'steps needs a detector with a ProgressiveRoIHead')


def trace_steps(model: Any, layout: WindowLayout, source: SeekableSource,
                key_frame: KeyFrame) -> List[List[Detection]]:
    """Follows the persons of a key time back to the initial tubes that became them.

    The window goes through the model once more, for its raw output.

    Args:
        model (nn.Module): The detector, with a :class:`ProgressiveRoIHead` and its config as ``cfg``.
        layout (WindowLayout): How its windows lie.
        source (SeekableSource): The video.
        key_frame (KeyFrame): What the same model found at a time of the video, with person numbers.

    Returns:
        list[list[Detection]]: The initial tubes, which have no actions, and then each step's; the persons in each are
        those of the key time, in the same order and with the same numbers. Tubes are those of the centre clip, and
        ``bbox`` is the box at the key time.

    Raises:
        LaunchError: See :func:`require_steps`.
    """
    require_steps(model)
    preparation = FramePreparation(model.cfg)
    window = read_window(source, layout, preparation, key_frame.time)
    packed = dict(
        inputs=preparation.pack(window.frames, window.maps()), data_samples=preparation.sample(window.img_shape))
    with torch.no_grad():
        data = model.data_preprocessor(pseudo_collate([packed]), False)
        outputs = model(**data, mode='tensor')
    inputs = data['inputs']
    img_shape = tuple(inputs.shape[-2:])
    per_clip = layout.clip_len // layout.temporal_stride
    initial, = model.roi_head.prior_generator(1, per_clip, img_shape, inputs.device, data['data_samples'])
    scale = np.array((source.width / img_shape[1], source.height / img_shape[0]) * 2)
    tubes = [_centre(step, per_clip) * scale for step in (initial, *(output.tubes for output in outputs))]
    scores = [output.scores.float().cpu().numpy() for output in outputs]
    labels = class_names(model.cfg) or [f'class {index}' for index in range(1, scores[0].shape[1] + 1)]
    times = key_frame.time + layout.tube_times()
    inds = [int(np.abs(tubes[-1] - person.tube).sum(axis=(1, 2)).argmin()) for person in key_frame.persons]
    traced = []
    for number, step in enumerate(tubes):
        persons = []
        for index, person in zip(inds, key_frame.persons):
            actions = _ranked(scores[number - 1][index], labels) if number else []
            detection = Detection(step[index].mean(axis=0), actions, step[index], times, person.person_id)
            detection.bbox = detection.box_at(key_frame.time)
            persons.append(detection)
        traced.append(persons)
    return traced


def step_pictures(source: SeekableSource,
                  key_frame: KeyFrame,
                  trace: Sequence[Sequence[Detection]],
                  height: int = 360,
                  max_labels: int = 1) -> List[np.ndarray]:
    """Pictures of a key time: the initial tubes, then each step.

    Args:
        source (VideoSource): The video.
        key_frame (KeyFrame): The key time.
        trace (Sequence): The result of :func:`trace_steps`.
        height (int): Height of each picture in pixels. Defaults to 360.
        max_labels (int): Actions written for each person; 0 writes the numbers alone. Defaults to 1.

    Returns:
        list[np.ndarray]: (H, W, 3) uint8, RGB.
    """
    scale = height / source.height
    picture = scale_to_height(source.frames_at([key_frame.time])[0], height)
    pictures = []
    for persons in trace:
        boxes = [person.bbox * scale for person in persons]
        actions = [person.actions[:max_labels] for person in persons]
        numbers = [person.person_id for person in persons]
        pictures.append(draw_persons(picture, boxes, actions, numbers, max_labels=max(max_labels, 1)))
    return pictures


def paint_steps(source: SeekableSource,
                key_frames: Sequence[KeyFrame],
                traces: Sequence[List[List[Detection]]],
                height: int = 360) -> np.ndarray:
    """One picture of some key times: a column for each, the initial tubes in the first row and a row for each step.

    Args:
        source (SeekableSource): The video.
        key_frames (Sequence[KeyFrame]): At least one.
        traces (Sequence): For each the result of :func:`trace_steps`.
        height (int): Height of each picture in pixels. Defaults to 360.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    # One key time after the other: a few frames of a large video fill the memory.
    columns = [step_pictures(source, key_frame, trace, height) for key_frame, trace in zip(key_frames, traces)]
    rows = list(zip(*columns))
    titles = ['initial'] + [f'step {step}' for step in range(1, len(rows))]
    return filmstrip(rows, [f'{key_frame.time:.1f} s' for key_frame in key_frames], titles)


def _centre(tubes: torch.Tensor, per_clip: int) -> np.ndarray:
    """The centre clip of tubes: (M, K / r, 4)."""
    return middle_frames(tubes, per_clip).float().cpu().numpy()


def _ranked(scores: np.ndarray, labels: Sequence[str]) -> list:
    return [(labels[index], float(scores[index])) for index in np.argsort(-scores, kind='stable')]
