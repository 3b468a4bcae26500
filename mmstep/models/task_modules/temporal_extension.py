"""Temporal extension of tubes to the two adjacent clips (section 3.3)."""
from typing import Optional

import torch
from mmaction.registry import TASK_UTILS
from torch import Tensor


@TASK_UTILS.register_module()
class LinearExtrapolation:
    """Continues the movement of the outermost clips linearly (equation 4)."""

    needs_anticipation = False

    def __call__(self,
                 tubes: Tensor,
                 clip_len: int,
                 prev: Optional[Tensor] = None,
                 next: Optional[Tensor] = None) -> Tensor:
        """Extends tubes by a clip on either side.

        Args:
            tubes (Tensor): Boxes in pixels, shape (N, T, 4).
            clip_len (int): Feature frames of a clip, at most T.
            prev (Tensor, optional): Not used.
            next (Tensor, optional): Not used.

        Returns:
            Tensor: Shape (N, T + 2 * clip_len, 4).
        """
        # With one frame a clip there is no movement to measure: the box stays.
        pace = torch.arange(1, clip_len + 1, device=tubes.device, dtype=tubes.dtype)[:, None] / max(clip_len - 1, 1)
        first, last = tubes[:, :1], tubes[:, -1:]
        after = last + pace * (last - tubes[:, -clip_len][:, None])
        before = first + pace * (first - tubes[:, clip_len - 1][:, None])
        return torch.cat([before.flip(1), tubes, after], dim=1)


@TASK_UTILS.register_module()
class LocationAnticipation:
    """Takes the boxes that the head anticipates in the neighbours (equation 5)."""

    needs_anticipation = True

    def __call__(self,
                 tubes: Tensor,
                 clip_len: int,
                 prev: Optional[Tensor] = None,
                 next: Optional[Tensor] = None) -> Tensor:
        """Extends tubes by a clip on either side.

        Args:
            tubes (Tensor): Boxes in pixels, shape (N, T, 4).
            clip_len (int): Feature frames of a clip.
            prev (Tensor): Anticipated boxes of the clip before, shape (N, clip_len, 4).
            next (Tensor): The same of the clip after.

        Returns:
            Tensor: Shape (N, T + 2 * clip_len, 4).

        Raises:
            ValueError: If the head anticipated nothing.
        """
        if prev is None or next is None:
            raise ValueError('LocationAnticipation needs the anticipated boxes of the step '
                             'before: set anticipate=True in its bbox_head')
        return torch.cat([prev, tubes, next], dim=1)


@TASK_UTILS.register_module()
class Replicate:
    """Repeats the mean box: the baseline without adaptation to movement."""

    needs_anticipation = False

    def __call__(self,
                 tubes: Tensor,
                 clip_len: int,
                 prev: Optional[Tensor] = None,
                 next: Optional[Tensor] = None) -> Tensor:
        """Extends tubes by a clip on either side.

        Args:
            tubes (Tensor): Boxes in pixels, shape (N, T, 4).
            clip_len (int): Feature frames of a clip.
            prev (Tensor, optional): Not used.
            next (Tensor, optional): Not used.

        Returns:
            Tensor: Shape (N, T + 2 * clip_len, 4).
        """
        mean = tubes.mean(dim=1, keepdim=True).expand(-1, clip_len, -1)
        return torch.cat([mean, tubes, mean], dim=1)
