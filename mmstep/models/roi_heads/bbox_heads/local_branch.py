"""Local branch: per-frame features for regression."""
from typing import Optional

from mmaction.registry import MODELS
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule, Sequential
from torch import Tensor, nn

KAIMING = dict(type='Kaiming', layer='Conv2d')


class Bottleneck2d(BaseModule):
    """1x1, 3x3, 1x1 with a shortcut, no bias.

    Args:
        in_channels (int): Input channels.
        channels (int): Output channels; a 1x1 projection makes the shortcut fit where they differ from the input's.
        inner_channels (int): Channels between the three convolutions.
        norm_cfg (dict, optional): Norm after each convolution.
    """

    def __init__(self, in_channels: int, channels: int, inner_channels: int, norm_cfg: Optional[dict] = None) -> None:
        super().__init__()
        common = dict(bias=False, norm_cfg=norm_cfg)
        self.shortcut = nn.Identity() if in_channels == channels else ConvModule(
            in_channels, channels, 1, act_cfg=None, **common)
        self.reduce = ConvModule(in_channels, inner_channels, 1, **common)
        self.conv = ConvModule(inner_channels, inner_channels, 3, padding=1, **common)
        self.expand = ConvModule(inner_channels, channels, 1, act_cfg=None, **common)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N, C, s, s) to (N, channels, s, s)."""
        return self.relu(self.expand(self.conv(self.reduce(x))).add_(self.shortcut(x)))


@MODELS.register_module()
class BottleneckLocalBranch(BaseModule):
    """Bottlenecks on each frame alone, for "more precise spatial cues".

    Args:
        in_channels (int): Channels of RoI features and global map together.
        channels (int): Output channels. Defaults to 1024.
        inner_channels (int): Channels inside a bottleneck. Defaults to 256.
        num_blocks (int): Number of bottlenecks. Defaults to 3.
        norm_cfg (dict, optional): Norm after each convolution; none in the published model.
        init_cfg (dict, optional): Initialisation config.
    """

    def __init__(self,
                 in_channels: int,
                 channels: int = 1024,
                 inner_channels: int = 256,
                 num_blocks: int = 3,
                 norm_cfg: Optional[dict] = None,
                 init_cfg: Optional[dict] = KAIMING) -> None:
        super().__init__(init_cfg=init_cfg)
        self.blocks = Sequential(*[
            Bottleneck2d(in_channels if i == 0 else channels, channels, inner_channels, norm_cfg)
            for i in range(num_blocks)
        ])
        self.out_channels = channels

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N, C, s, s) to (N, channels, s, s)."""
        return self.blocks(x)
