"""Temporal extension of tubes to the two adjacent clips (section 3.3)."""
from abc import ABC, abstractmethod
from typing import Optional

import torch
from mmaction.registry import TASK_UTILS
from torch import Tensor


class BaseTemporalExtension(ABC):
    """Extends tubes by a clip on either side.

    Attributes:
        needs_anticipation (bool): Whether the head of the step before has to regress the neighbouring clips.
    """

    needs_anticipation = False

    @abstractmethod
    def __call__(self,
                 tubes: Tensor,
                 clip_feats: int,
                 prev_boxes: Optional[Tensor] = None,
                 next_boxes: Optional[Tensor] = None) -> Tensor:
        """Extends tubes.

        Args:
            tubes (Tensor): Boxes in pixels, shape (N, T, 4).
            clip_feats (int): Feature frames K / r of a clip, at most T.
            prev_boxes (Tensor, optional): Anticipated boxes of the clip before, shape (N, clip_feats, 4); needed if
                ``needs_anticipation``.
            next_boxes (Tensor, optional): The same of the clip after.

        Returns:
            Tensor: Shape (N, T + 2 * clip_feats, 4).
        """


@TASK_UTILS.register_module()
class LinearExtrapolation(BaseTemporalExtension):
    """Continues the movement of the outermost clips linearly (equation 4)."""

    def __call__(self,
                 tubes: Tensor,
                 clip_feats: int,
                 prev_boxes: Optional[Tensor] = None,
                 next_boxes: Optional[Tensor] = None) -> Tensor:
        # With one feature frame a clip there is no movement to measure: the box stays.
        pace = torch.arange(
            1, clip_feats + 1, device=tubes.device, dtype=tubes.dtype)[:, None] / max(clip_feats - 1, 1)
        first, last = tubes[:, :1], tubes[:, -1:]
        after = last + pace * (last - tubes[:, -clip_feats][:, None])
        before = first + pace * (first - tubes[:, clip_feats - 1][:, None])
        return torch.cat([before.flip(1), tubes, after], dim=1)


@TASK_UTILS.register_module()
class LocationAnticipation(BaseTemporalExtension):
    """Takes the boxes that the head anticipates in the neighbours (equation 5).

    Raises:
        ValueError: When called, if the head anticipated nothing.
    """

    needs_anticipation = True

    def __call__(self,
                 tubes: Tensor,
                 clip_feats: int,
                 prev_boxes: Optional[Tensor] = None,
                 next_boxes: Optional[Tensor] = None) -> Tensor:
        if prev_boxes is None or next_boxes is None:
            raise ValueError('LocationAnticipation needs the anticipated boxes of the step before: set '
                             'anticipate=True in its bbox_head')
        return torch.cat([prev_boxes, tubes, next_boxes], dim=1)


@TASK_UTILS.register_module()
class Replicate(BaseTemporalExtension):
    """Repeats the mean box: the baseline without adaptation to movement."""

    def __call__(self,
                 tubes: Tensor,
                 clip_feats: int,
                 prev_boxes: Optional[Tensor] = None,
                 next_boxes: Optional[Tensor] = None) -> Tensor:
        mean = tubes.mean(dim=1, keepdim=True).expand(-1, clip_feats, -1)
        return torch.cat([mean, tubes, mean], dim=1)
