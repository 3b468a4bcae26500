"""Annotated boxes laid onto the feature frames of a window."""
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
