"""Features of a batch of windows."""
from typing import NamedTuple, Optional, Tuple

from torch import Tensor


class WindowFeatures(NamedTuple):
    """Features of a batch of windows, computed once for all steps.

    Attributes:
        frames (Tensor): Maps, shape (B, T, C, h, w), contiguous, float32.
        context (Tensor, optional): Scene context, shape (B, T, C').
        clip_len (int): Feature frames K / r of a clip.
        img_shape (tuple[int, int]): Height and width of the input in pixels.
    """
    frames: Tensor
    context: Optional[Tensor]
    clip_len: int
    img_shape: Tuple[int, int]
