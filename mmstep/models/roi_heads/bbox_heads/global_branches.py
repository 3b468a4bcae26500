"""Global branches: spatio-temporal modelling of a whole tube."""
from typing import Any, Dict, Optional, Sequence, Tuple, Union

from mmaction.registry import MODELS
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule, Sequential
from torch import Tensor
from torch.nn.modules.utils import _triple

from mmstep.models.backbones.i3d_layers import MixedBlock, NormEvalModule


@MODELS.register_module()
class I3DGlobalBranch(NormEvalModule):
    """Mixed_5b and Mixed_5c of I3D (section 4.1).

    Args:
        in_channels (int): Channels of the RoI features. Defaults to 832.
        width_mult (float): Multiplies every width. Defaults to 1, which gives 1024 output channels.
        padding (str): 'fixed' or 'same', as in :class:`InceptionI3D`.
        norm_cfg (dict): Config of the norm layers.
        norm_eval (bool): Keep batch norm on its running statistics.
        init_cfg (dict, optional): Initialisation config.
    """

    def __init__(self,
                 in_channels: int = 832,
                 width_mult: float = 1.0,
                 padding: str = 'fixed',
                 norm_cfg: dict = dict(type='BN3d'),
                 norm_eval: bool = False,
                 init_cfg: Optional[dict] = dict(type='Kaiming', layer='Conv3d')) -> None:
        super().__init__(norm_eval, init_cfg)
        common: Dict[str, Any] = dict(width_mult=width_mult, padding=padding, norm_cfg=norm_cfg)
        self.mixed_5b = MixedBlock('Mixed_5b', in_channels, **common)
        self.mixed_5c = MixedBlock('Mixed_5c', self.mixed_5b.out_channels, nonnegative=True, **common)
        self.out_channels = self.mixed_5c.out_channels

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N, C, T, s, s) to (N, out_channels, T, s, s)."""
        return self.mixed_5c(self.mixed_5b(x))


@MODELS.register_module()
class Conv3dGlobalBranch(BaseModule):
    """A stack of 3D convolutions.

    Args:
        in_channels (int): Channels of the RoI features.
        channels (int): Channels of every layer. Defaults to 256.
        kernel_sizes (Sequence): One for each layer, each an odd int or the T, H, W of the kernel. Defaults to three
            layers of 3x3x3.
        norm_cfg (dict, optional): Config of the norm layers.
        pool_time (bool): Adaptive max-pooling along the temporal dimension at the end, to one frame: "three 3D
            convolutional layers with adaptive max pooling along the temporal dimension" (section 4.1, UCF101).
        init_cfg (dict, optional): Initialisation config.
    """

    def __init__(self,
                 in_channels: int,
                 channels: int = 256,
                 kernel_sizes: Sequence[Union[int, Tuple[int, int, int]]] = (3, 3, 3),
                 norm_cfg: Optional[dict] = dict(type='BN3d'),
                 pool_time: bool = False,
                 init_cfg: Optional[dict] = dict(type='Kaiming', layer='Conv3d')) -> None:
        super().__init__(init_cfg=init_cfg)
        self.pool_time = pool_time
        self.convs = Sequential(*[
            ConvModule(
                in_channels if i == 0 else channels,
                channels,
                kernel,
                padding=tuple(k // 2 for k in _triple(kernel)),
                conv_cfg=dict(type='Conv3d'),
                norm_cfg=norm_cfg) for i, kernel in enumerate(kernel_sizes)
        ])
        self.out_channels = channels

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N, C, T, s, s) to (N, out_channels, T or 1, s, s)."""
        x = self.convs(x)
        return x.amax(dim=2, keepdim=True) if self.pool_time else x
