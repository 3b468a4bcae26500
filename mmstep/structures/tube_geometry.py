"""Clipping, flipping and repairing tubes, and their middle frames."""
from typing import Tuple, TypeVar

import numpy as np
import torch
from torch import Tensor

Array = TypeVar('Array', Tensor, np.ndarray)


def middle_slice(num_frames: int, length: int) -> slice:
    """Where the middle ``length`` of ``num_frames`` frames lie.

    A tube lies in the middle of its window, and the target clip in the middle of both (section 3.3).

    Args:
        num_frames (int): Frames in all.
        length (int): Frames wanted, at most ``num_frames``. If an odd number is left over, the part after is one
            longer than the part before.

    Returns:
        slice: With ``start`` and ``stop``.

    Raises:
        ValueError: If there are fewer than ``length`` frames.

    Examples:
        >>> middle_slice(9, 3)
        slice(3, 6, None)
    """
    if length > num_frames:
        raise ValueError(f'the middle {length} of {num_frames} frames were asked for: there are not so many')
    start = (num_frames - length) // 2
    return slice(start, start + length)


def middle_frames(boxes: Array, length: int) -> Array:
    """The middle ``length`` of the frames on axis 1, for instance the target clip of tubes.

    Args:
        boxes (Tensor | np.ndarray): Shape (N, T, ...).
        length (int): Frames wanted, at most T.

    Returns:
        Tensor | np.ndarray: View of shape (N, length, ...).
    """
    return boxes[:, middle_slice(boxes.shape[1], length)]


def clip_tubes(tubes: Tensor, img_shape: Tuple[int, int]) -> Tensor:
    """Clips boxes to the frame.

    Args:
        tubes (Tensor): Boxes x1y1x2y2 in pixels, shape (..., 4).
        img_shape (tuple[int, int]): Height and width in pixels.

    Returns:
        Tensor: Same shape, x in [0, width], y in [0, height].

    Examples:
        >>> clip_tubes(torch.tensor([[-5., 2., 30., 8.]]), (10, 20))
        tensor([[ 0.,  2., 20.,  8.]])
    """
    height, width = img_shape
    corners = tubes.unflatten(-1, (2, 2))
    # Limits as numbers, since a tensor made of them would have to be copied to the device.
    return torch.stack([corners[..., 0].clamp(0, width), corners[..., 1].clamp(0, height)], dim=-1).flatten(-2)


def flip_tubes(tubes: Tensor, width: float) -> Tensor:
    """Mirrors boxes left to right.

    Args:
        tubes (Tensor): Boxes x1y1x2y2 in pixels, shape (..., 4).
        width (float): Width of the frame in pixels.

    Returns:
        Tensor: Same shape.

    Examples:
        >>> flip_tubes(torch.tensor([[1., 2., 4., 8.]]), 10)
        tensor([[6., 2., 9., 8.]])
    """
    x1, y1, x2, y2 = tubes.unbind(-1)
    return torch.stack([width - x2, y1, width - x1, y2], dim=-1)


def repair_tubes(tubes: Tensor, img_shape: Tuple[int, int], min_size: float = 2) -> Tensor:
    """Clips boxes to the frame and replaces those that vanish.

    A box with a side of at most ``min_size`` after clipping, or with a coordinate that is not finite, becomes the
    whole frame, so that no RoI of a later step is empty.

    Args:
        tubes (Tensor): Boxes x1y1x2y2 in pixels, shape (..., 4).
        img_shape (tuple[int, int]): Height and width in pixels.
        min_size (float): Sides have to be longer than this, in pixels.

    Returns:
        Tensor: Same shape; every box in the frame and not empty.

    Examples:
        >>> repair_tubes(torch.tensor([[3., 3., 4., 9.]]), (10, 20))
        tensor([[ 0.,  0., 20., 10.]])
    """
    height, width = img_shape
    whole = torch.cat([tubes.new_full((1, ), side) for side in (0, 0, width, height)])
    clipped = clip_tubes(tubes, img_shape)
    sides = clipped[..., 2:] - clipped[..., :2]
    # A comparison with NaN is false, so what is not finite is replaced too.
    good = (sides > min_size).all(-1, keepdim=True)
    return torch.where(good, clipped, whole)
