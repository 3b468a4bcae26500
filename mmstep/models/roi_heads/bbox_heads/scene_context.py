"""Scene context: features of the whole frame."""
from typing import Any, Dict, Optional

import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool3d

from mmstep.models.backbones.i3d_layers import MixedBlock, NormEvalModule, PaddedMaxPool3d
from ..roi_extractors.separable_roi_align import EXPORTING


@MODELS.register_module()
class I3DSceneContext(NormEvalModule):
    """Max-pool, Mixed_5b, Mixed_5c and a spatial average (section 3.5).

    "We incorporate scene context by concatenating extended features to original regional features in the global
    branch."

    Args:
        in_channels (int): Channels of the backbone's map. Defaults to 832.
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
        self.pool = PaddedMaxPool3d((1, 3, 3), (1, 2, 2), padding)
        self.mixed_5b = MixedBlock('Mixed_5b', in_channels, **common)
        self.mixed_5c = MixedBlock('Mixed_5c', self.mixed_5b.out_channels, nonnegative=True, **common)
        self.out_channels = self.mixed_5c.out_channels

    def forward(self, x: Tensor) -> Tensor:
        """Makes one vector per feature frame.

        Args:
            x (Tensor): Backbone map, shape (B, C, T, h, w).

        Returns:
            Tensor: Shape (B, T, out_channels).
        """
        x = self.mixed_5c(self.mixed_5b(self.pool(x)))
        return x.mean(dim=(3, 4)).transpose(1, 2)


@MODELS.register_module()
class RoIPooledSceneContext(BaseModule):
    """RoI pooling of the whole image.

    Section 3.5: "We incorporate scene context by concatenating extended features to original regional features in the
    global branch. The extended features can be obtained by RoI pooling of the whole image. So the global features
    encode both spatial and temporal context". The whole image is one RoI per feature frame, max-pooled to the size of
    a tube's. It goes with ``context_to='global_branch'`` in :class:`TwoBranchHead`, which concatenates it to the
    features of every tube; the local branch then sees it too, through the global map.

    Args:
        in_channels (int): Channels of the backbone's map.
        out_channels (int, optional): Reduces the channels by a 1x1x1 convolution, for backbones with many. Defaults to
            none, as in the paper.
        roi_feat_size (int): Side of the pooled map, that of the RoI features. Defaults to 7.
        init_cfg (dict, optional): Initialisation config.
    """

    def __init__(self,
                 in_channels: int,
                 out_channels: Optional[int] = None,
                 roi_feat_size: int = 7,
                 init_cfg: Optional[dict] = dict(type='Kaiming', layer='Conv3d')) -> None:
        super().__init__(init_cfg=init_cfg)
        self.roi_feat_size = roi_feat_size
        self.reduce = nn.Conv3d(in_channels, out_channels, 1) if out_channels else nn.Identity()
        self.out_channels = out_channels or in_channels

    def forward(self, x: Tensor) -> Tensor:
        """Makes one map per feature frame.

        Args:
            x (Tensor): Backbone map, shape (B, C, T, h, w).

        Returns:
            Tensor: Shape (B, T, out_channels, s, s).
        """
        if EXPORTING():
            pooled = max_of_bins(max_of_bins(x, 3, self.roi_feat_size), 4, self.roi_feat_size)
        else:
            pooled = adaptive_max_pool3d(x, (x.shape[2], self.roi_feat_size, self.roi_feat_size))
        return self.reduce(pooled).transpose(1, 2)


def max_of_bins(x: Tensor, axis: int, size: int) -> Tensor:
    """Adaptive max-pooling along one axis, of operators that ONNX has.

    Args:
        x (Tensor): Any shape.
        axis (int): The axis, of n cells.
        size (int): Bins; bin i has the cells from ``i * n / size`` rounded down to ``(i + 1) * n / size`` rounded up.

    Returns:
        Tensor: ``size`` cells along the axis.
    """
    cells = x.shape[axis]
    bounds = [(number * cells // size, -(-(number + 1) * cells // size)) for number in range(size)]
    return torch.stack([x.narrow(axis, first, last - first).amax(axis) for first, last in bounds], axis)
