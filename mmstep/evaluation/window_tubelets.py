"""From the predictions of windows to tubelets in the coordinates of the annotations."""
from typing import Tuple

import numpy as np

from mmstep.structures import Tubelets, middle_frames, middle_slice


def centre_clip_boxes(tubes: np.ndarray, clip_len: int, temporal_stride: int = 1) -> np.ndarray:
    """Boxes of the frames of the centre clip.

    A feature frame's box is that of its middle frame; boxes of other frames are interpolated between feature frames,
    and before the first and after the last one of the tube repeat it.

    Args:
        tubes (np.ndarray): (n, T_s, 4), one box per feature frame, the centre clip in the middle.
        clip_len (int): Frames K of a clip.
        temporal_stride (int): Frames per feature frame, r. Defaults to 1.

    Returns:
        np.ndarray: (n, K, 4).
    """
    count, length = tubes.shape[:2]
    if temporal_stride == 1:
        return middle_frames(tubes, clip_len)
    first = middle_slice(length, clip_len // temporal_stride).start
    # Position of every frame on the axis of feature frames.
    middle = temporal_stride // 2
    place = ((np.arange(clip_len) - middle) / temporal_stride + first).clip(0, length - 1)
    left = np.floor(place).astype(np.int64).clip(max=max(length - 2, 0))
    weight = (place - left)[:, None]
    right = np.minimum(left + 1, length - 1)
    return tubes[:, left] * (1 - weight) + tubes[:, right] * weight


def to_annotation_pixels(boxes: np.ndarray, img_shape: Tuple[int, int], resolution: Tuple[int, int]) -> np.ndarray:
    """Boxes of the network input as boxes of the annotations.

    Args:
        boxes (np.ndarray): (..., 4) pixels of the network input, continuous coordinates.
        img_shape (tuple[int, int]): Height and width of the network input.
        resolution (tuple[int, int]): Height and width to which the annotations refer.

    Returns:
        np.ndarray: (..., 4) float32, 0-based, x2 and y2 inclusive.
    """
    scale = np.array([resolution[1] / img_shape[1], resolution[0] / img_shape[0]] * 2)
    # The far edge of the last pixel is one further than the pixel's number.
    return (boxes * scale - np.array([0, 0, 1, 1])).astype(np.float32)


def best_class(tubelets: Tubelets) -> Tubelets:
    """Gives every tubelet to its best class alone.

    Args:
        tubelets (Tubelets): N of them.

    Returns:
        Tubelets: With ``label`` and one score each; those that have a label already as they are.
    """
    if tubelets.label is not None:
        return tubelets
    label = tubelets.scores.argmax(axis=1)
    return tubelets._replace(scores=tubelets.scores[np.arange(len(label)), label], label=label)
