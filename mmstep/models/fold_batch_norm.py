"""Folds batch norm into the convolutions before it, for inference."""
from typing import Any

import torch
from mmcv.cnn import ConvModule
from mmcv.cnn.bricks import wrappers
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from .backbones.i3d_layers import PaddedConv3d

# Exact types, since a subclass may compute something else; mmcv's are those for empty input.
_CONVOLUTIONS = (nn.Conv2d, nn.Conv3d, wrappers.Conv2d, wrappers.Conv3d)


def fold_batch_norm(model: nn.Module) -> nn.Module:
    """Merges batch norm on running statistics with its convolution; the outputs stay the same up to rounding.

    :func:`mmcv.cnn.fuse_conv_bn` does so with 2D convolutions. This one looks at modules that say what comes after
    what, I3D's and mmcv's ``ConvModule``, in 2D and 3D. The model is for inference from then on: it cannot be trained
    and takes no checkpoint, so the weights have to be loaded before.

    Args:
        model (nn.Module): A model, changed in place.

    Returns:
        nn.Module: The same model.
    """
    for module in model.modules():
        if isinstance(module, PaddedConv3d):
            _fold(module, module.conv3d, 'batch3d')
        elif isinstance(module, ConvModule) and module.with_norm and module.order[:2] == ('conv', 'norm'):
            _fold(module, module.conv, module.norm_name)
    return model


@torch.no_grad()
def _fold(parent: nn.Module, conv: Any, name: str) -> None:
    """Merges the norm ``name`` of ``parent`` with its convolution, if they are of such types."""
    norm: Any = getattr(parent, name)
    if type(conv) not in _CONVOLUTIONS or not isinstance(norm, _BatchNorm) or norm.running_var is None:
        return
    statistics: Any = norm
    running_mean, running_var = statistics.running_mean, statistics.running_var
    scale = (running_var.double() + norm.eps).rsqrt()
    if norm.affine:
        scale *= norm.weight
    shift = -running_mean.double() * scale
    if conv.bias is not None:
        shift += conv.bias * scale
    if norm.affine:
        shift += norm.bias
    weight = conv.weight
    folded = (weight.double() * scale.view(-1, *[1] * (weight.dim() - 1))).to(weight.dtype)
    conv.weight = nn.Parameter(folded, requires_grad=False)
    conv.bias = nn.Parameter(shift.to(weight.dtype), requires_grad=False)
    setattr(parent, name, nn.Identity())
