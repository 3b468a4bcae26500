"""Figures 7 and 8: boxes of each step in the picture."""
from typing import List, Sequence, Tuple

import cv2
import numpy as np
import torch
from mmcv.ops import batched_nms
from mmdet.structures.bbox import bbox_overlaps

from mmstep.visualization import draw_persons, filmstrip
from mmstep.visualization.comparison import draw_dashed_box
from .windows import TracedWindow

RIGHT, WRONG, ORANGE = (230, 40, 40), (60, 110, 250), (255, 150, 0)
WHITE = (250, 250, 250)
MATCHED = 0.5


def steps_picture(windows: Sequence[TracedWindow],
                  names: Sequence[str],
                  score_thr: float = 0.3,
                  height: int = 192) -> np.ndarray:
    """Figure 7: a column a window, a row a step; detections in red where box and best action are right, in blue where
    not, annotated boxes dashed in white.

    Args:
        windows (Sequence[TracedWindow]): At least one.
        names (Sequence[str]): Names of the classes.
        score_thr (float): Least score of what is drawn. Defaults to 0.3.
        height (int): Of a picture. Defaults to 192.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    rows = []
    for step in range(len(windows[0].scores)):
        rows.append([_draw_step(window, step, names, score_thr, height) for window in windows])
    return filmstrip(rows, [window.name for window in windows], [f'step {step + 1}' for step in range(len(rows))])


def small_actors_picture(windows: Sequence[TracedWindow], height: int = 192) -> np.ndarray:
    """Figure 8: initial tubes in red, and in orange what became of them.

    Args:
        windows (Sequence[TracedWindow]): At least one.
        height (int): Of a picture. Defaults to 192.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB: a column a window.
    """
    row = []
    for window in windows:
        key = window.gt_boxes.shape[1] // 2
        overlaps = bbox_overlaps(window.tubes[-1][:, key], window.gt_boxes[:, key])
        inds = overlaps.argmax(dim=0).unique()
        picture, scale = _enlarge(window.picture, height)
        boxes = np.concatenate([(window.tubes[step][inds, key] * scale).numpy() for step in (0, -1)])
        colors = [RIGHT] * len(inds) + [ORANGE] * len(inds)
        row.append(draw_persons(picture, boxes, [[]] * len(boxes), [None] * len(boxes), colors=colors))
    return filmstrip([row], [window.name for window in windows])


def smallest_actor(window: TracedWindow) -> float:
    """Area of the smallest annotated box at the key frame, as a part of the picture; infinite without one."""
    key = window.gt_boxes.shape[1] // 2
    boxes = window.gt_boxes[window.gt_valid[:, key], key]
    if len(boxes) == 0:
        return float('inf')
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return float(area.min()) / (window.picture.shape[0] * window.picture.shape[1])


def detections(window: TracedWindow, step: int, score_thr: float) -> List[Tuple[np.ndarray, int, float, bool]]:
    """What a step detects: box, class, score, and whether box and class are right.

    Args:
        window (TracedWindow): The window.
        step (int): From 0.
        score_thr (float): Least score.

    Returns:
        list[tuple]: A tube a person: its box (4,) at the key frame, best class from 0, its score, right or not.
    """
    key = window.gt_boxes.shape[1] // 2
    boxes, (best, classes) = window.tubes[step + 1][:, key], window.scores[step].max(dim=1)
    kept = batched_nms(boxes, best, torch.zeros_like(classes), dict(type='nms', iou_threshold=0.4))[1]
    valid = window.gt_valid[:, key]
    truth, labels = window.gt_boxes[valid, key], window.gt_labels[valid]
    found = []
    for index in kept[best[kept] >= score_thr].tolist():
        meets = bbox_overlaps(boxes[index:index + 1], truth)[0] >= MATCHED if len(truth) else torch.zeros(0).bool()
        right = bool((meets & labels[:, classes[index]]).any()) if len(truth) else False
        found.append((boxes[index].numpy(), int(classes[index]), float(best[index]), right))
    return found


def _draw_step(window: TracedWindow, step: int, names: Sequence[str], score_thr: float, height: int) -> np.ndarray:
    picture, scale = _enlarge(window.picture, height)
    key = window.gt_boxes.shape[1] // 2
    for box in window.gt_boxes[window.gt_valid[:, key], key]:
        draw_dashed_box(picture, (box * scale).tolist(), WHITE)
    found = detections(window, step, score_thr)
    return draw_persons(
        picture, [box * scale for box, *_ in found], [[(names[label], score)] for _, label, score, _ in found],
        [None] * len(found),
        colors=[RIGHT if right else WRONG for *_, right in found])


def _enlarge(picture: np.ndarray, height: int) -> Tuple[np.ndarray, float]:
    scale = height / picture.shape[0]
    size = (round(picture.shape[1] * scale), height)
    return cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), scale
