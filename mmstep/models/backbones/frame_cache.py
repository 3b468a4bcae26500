"""Features of frames that a frozen backbone has seen before are not made again."""
from hashlib import sha1
from typing import Dict

import torch
from mmaction.registry import MODELS
from mmaction.utils import ConfigType
from mmengine.model import BaseModule
from torch import Tensor

from mmstep.errors import DataError


@MODELS.register_module()
class FrameCache(BaseModule):
    """A frozen backbone that works frame by frame, with a memory of the frames that it has seen.

    For heads that are trained on a handful of videos on a CPU: there the backbone is most of the time, and frames come
    up again and again. Features are the same to the bit only in batches of one size; elsewhere rounding differs.
    Memory grows with every new frame, so that random crops and colors make it useless.

    Args:
        backbone (dict): Config of a backbone that maps (B, C, T, H, W) to (B, C', T, h, w), each frame by itself, for
            instance ``FrameVGG``. It is frozen whole.

    Raises:
        DataError: If the backbone makes another number of feature frames than there are frames.
    """

    def __init__(self, backbone: ConfigType) -> None:
        super().__init__()
        self.backbone = MODELS.build(backbone)
        self.backbone.requires_grad_(False)
        self.out_channels = self.backbone.out_channels
        self._seen: Dict[bytes, Tensor] = {}

    def train(self, mode: bool = True) -> 'FrameCache':
        """Leaves the backbone in evaluation mode, so that its features do not change."""
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Makes features of every frame.

        Args:
            x (Tensor): Shape (B, C, T, H, W).

        Returns:
            Tensor: Shape (B, C', T, h, w).
        """
        frames = x.detach().transpose(1, 2).flatten(0, 1).contiguous()
        keys = [sha1(frame.cpu().numpy().tobytes()).digest() for frame in frames]
        new = {key: index for index, key in enumerate(keys) if key not in self._seen}
        if new:
            with torch.no_grad():
                made = self.backbone(frames[list(new.values())].transpose(0, 1)[None])[0].transpose(0, 1)
            if len(made) != len(new):
                raise DataError(f'FrameCache needs a backbone with a feature frame for each frame; '
                                f'{type(self.backbone).__name__} makes {len(made)} of {len(new)}')
            self._seen.update(zip(new, made.clone()))
        out = torch.stack([self._seen[key].to(x.device) for key in keys])
        return out.unflatten(0, (x.shape[0], x.shape[2])).transpose(1, 2)
