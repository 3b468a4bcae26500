"""What goes into the steps of the progressive head, and what comes out of each."""
from typing import NamedTuple, Optional, Tuple

from torch import Tensor


class WindowFeatures(NamedTuple):
    """Features of a batch of windows, computed once for all steps.

    Attributes:
        maps (Tensor): Maps of the backbone, shape (B, T, C, h, w), arranged for the RoI extractor.
        context (Tensor, optional): Scene context, shape (B, T, C').
        clip_feats (int): Feature frames K / r of a clip.
        img_shape (tuple[int, int]): Height and width of the input in pixels.
    """
    maps: Tensor
    context: Optional[Tensor]
    clip_feats: int
    img_shape: Tuple[int, int]


class StepOutput(NamedTuple):
    """Result of one step for the tubes of a batch.

    Attributes:
        scores (Tensor): Probabilities of the action classes, without background, shape (B * M, C).
        tubes (Tensor): Updated tubes (Eq. 1) in pixels of the network input, shape (B * M, T_s, 4); those of the last
            step of a prediction with ``tube_frames='clip'`` only on the target clip, (B * M, K/r, 4).
        prev (Tensor, optional): Anticipated boxes of the clip before the tube (Eq. 5), shape (B * M, K/r, 4).
        next (Tensor, optional): The same of the clip after it.
    """
    scores: Tensor
    tubes: Tensor
    prev: Optional[Tensor] = None
    next: Optional[Tensor] = None
