"""Which annotated seconds a window needs, and boxes laid onto its feature frames."""
import math
from typing import Tuple

import numpy as np


def scatter_to_feature_frames(boxes: np.ndarray, valid: np.ndarray, indices: np.ndarray, num_frames: int,
                              temporal_stride: int) -> Tuple[np.ndarray, np.ndarray]:
    """Lays boxes at window indices onto feature frames.

    Of two annotations in one feature frame the one nearer to the feature frame's middle (index r // 2 of its r)
    counts.

    Args:
        boxes (np.ndarray): (G, K, 4).
        valid (np.ndarray): (G, K) bool.
        indices (np.ndarray): (K,) int, window index of each annotation, outside of 0..num_frames-1 if not in the
            window.
        num_frames (int): Frames of the window.
        temporal_stride (int): Frames per feature frame, r.

    Returns:
        tuple[np.ndarray, np.ndarray]: Boxes (G, T, 4) float32, zeros where not valid, and valid (G, T) bool.
    """
    length = num_frames // temporal_stride
    out_boxes = np.zeros((len(boxes), length, 4), dtype=np.float32)
    out_valid = np.zeros((len(boxes), length), dtype=bool)
    distance = np.abs(indices % temporal_stride - temporal_stride // 2)
    for column in np.argsort(-distance, kind='stable'):  # nearest last, so that it stays
        if 0 <= indices[column] < num_frames:
            frame = indices[column] // temporal_stride
            rows = valid[:, column]
            out_boxes[rows, frame] = boxes[rows, column]
            out_valid[rows, frame] = True
    return out_boxes, out_valid


def interpolate_boxes(boxes: np.ndarray, valid: np.ndarray, indices: np.ndarray, frames: np.ndarray,
                      max_gap: int) -> Tuple[np.ndarray, np.ndarray]:
    """Boxes between two annotations that follow each other, interpolated linearly.

    Args:
        boxes (np.ndarray): (G, K, 4).
        valid (np.ndarray): (G, K) bool.
        indices (np.ndarray): (K,) int, window index of each annotation, ascending; may lie outside of the window.
        frames (np.ndarray): (T,) window indices at which boxes are wanted.
        max_gap (int): Two annotations follow each other if they are at most so many frames apart. A missing one
            between them, after which they are further apart, breaks the tube: where the actor was then nobody said.

    Returns:
        tuple[np.ndarray, np.ndarray]: Boxes (G, T, 4) float32, zeros where not valid, and valid (G, T) bool.

    Example:
        >>> boxes = np.array([[[0., 0., 1., 1.], [3., 0., 4., 1.]]])
        >>> interpolate_boxes(boxes, np.array([[True, True]]), np.array([0, 12]), np.array([4, 8]), 12)[0][0, :, 0]
        array([1., 2.], dtype=float32)
    """
    out_boxes = np.zeros((len(boxes), len(frames), 4), dtype=np.float32)
    out_valid = np.zeros((len(boxes), len(frames)), dtype=bool)
    if len(indices) < 2:
        return out_boxes, out_valid
    before = np.clip(np.searchsorted(indices, frames, side='right') - 1, 0, len(indices) - 2)
    start, end = indices[before], indices[before + 1]
    between = (start <= frames) & (frames <= end) & (end - start <= max_gap)
    out_valid = valid[:, before] & valid[:, before + 1] & between
    share = ((frames - start) / (end - start))[:, None]
    mixed = boxes[:, before] * (1 - share) + boxes[:, before + 1] * share
    return np.where(out_valid[..., None], mixed, 0).astype(np.float32), out_valid


def repeat_nearest_valid(boxes: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Fills the boxes of invalid frames with the valid box nearest in time, the earlier of two equally near.

    Args:
        boxes (np.ndarray): (G, T, 4).
        valid (np.ndarray): (G, T) bool, at least one true in each row.

    Returns:
        np.ndarray: (G, T, 4).
    """
    frames = np.arange(valid.shape[1])
    distance = np.where(valid[:, None, :], np.abs(frames[:, None] - frames), valid.shape[1])
    nearest = distance.argmin(axis=2)
    return np.take_along_axis(boxes, nearest[..., None], axis=1)


def window_seconds(num_clips: int, clip_duration: float) -> np.ndarray:
    """The whole seconds, relative to the key second, that tell where an actor is in a window.

    Those in the window, and one more on either side, up to which boxes can be interpolated.

    Args:
        num_clips (int): Clips of the window, odd.
        clip_duration (float): Seconds of a clip.

    Returns:
        np.ndarray: (K,) int64, ascending, 0 among them.

    Example:
        >>> window_seconds(3, 1.0)
        array([-2, -1,  0,  1,  2])
        >>> window_seconds(3, 2.0)
        array([-4, -3, -2, -1,  0,  1,  2,  3])
    """
    half = num_clips * clip_duration / 2
    return np.arange(math.ceil(-half) - 1, math.ceil(half) + 1)
