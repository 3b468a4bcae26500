"""What one step of the progressive head puts out."""
from typing import NamedTuple, Optional

from torch import Tensor


class StepOutput(NamedTuple):
    """Result of one step for the tubes of a batch.

    Attributes:
        scores (Tensor): Probabilities of the action classes, without background, shape (B * M, C).
        tubes (Tensor): Updated tubes (Eq. 1) in pixels of the network input, shape (B * M, T_s, 4).
        prev (Tensor, optional): Anticipated boxes of the clip before the tube (Eq. 5), shape (B * M, K / r, 4).
        next (Tensor, optional): The same of the clip after it.
    """
    scores: Tensor
    tubes: Tensor
    prev: Optional[Tensor] = None
    next: Optional[Tensor] = None
