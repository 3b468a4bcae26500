"""One map from a backbone of several pathways."""
from typing import Sequence

import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor


@MODELS.register_module()
class ConcatPathways(BaseModule):
    """Joins the maps of a SlowFast backbone at the slow pathway's frames.

    STEP takes one map with one box per feature frame; MMAction2's SlowFast backbones give one map per pathway, the
    fast one with several frames for each of the slow one's. These are averaged, and the channels concatenated::

        slow (B, C1, T, h, w) ------------------------,
        fast (B, C2, a * T, h, w) -- mean of each a --+-- (B, C1 + C2, T, h, w)
    """

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Joins the maps.

        Args:
            maps (Sequence[Tensor]): One for each pathway, (B, C_i, T_i, h, w), where the smallest T_i divides the
                others.

        Returns:
            Tensor: Shape (B, sum of C_i, min of T_i, h, w), in the order of ``maps``.

        Raises:
            ValueError: If the numbers of frames do not divide.
        """
        frames = [x.shape[2] for x in maps]
        slowest = min(frames)
        if any(num % slowest for num in frames):
            raise ValueError(f'the pathways have {frames} feature frames, of which '
                             f'{slowest} does not divide the others; change clip_len of '
                             "the window to a multiple of the backbone's resample_rate")
        return torch.cat([x.unflatten(2, (slowest, -1)).mean(dim=3) for x in maps], dim=1)
