"""The namings of VGG16's ImageNet weights."""
from typing import Mapping

import torch
from torch import Tensor

from .renaming import Renamed, rename

# Index of a ConvModule among the ConvModules and poolings of VGG16 -> index among convolutions, ReLUs and poolings.
_CONV_MODULES = {0: 0, 1: 2, 3: 5, 4: 7, 6: 10, 7: 12, 8: 14, 10: 17, 11: 19, 12: 21, 14: 24, 15: 26, 16: 28}
_RULES = [
    # torchvision and mmcv.cnn.VGG, alone or as a backbone.
    (r'(?:backbone\.)?features\.(\d+)\.(weight|bias)', r'features.\1.\2'),
    # OpenMMLab's classifiers are made of ConvModules.
    *((rf'(?:backbone\.)?features\.{index}\.conv\.(weight|bias)', rf'features.{plain}.\1')
      for index, plain in _CONV_MODULES.items())
]
_CLASSIFIER = r'(?:backbone\.)?classifier\..*|head\..*'


def vgg_from_file(weights: Mapping[str, Tensor]) -> Renamed:
    """Gives VGG16 weights the names of :class:`~mmstep.models.FrameVGG`, which are torchvision's and MMCV's.

    Args:
        weights (Mapping[str, Tensor]): Names of the file -> weights; the classifier of ImageNet may be among them.

    Returns:
        Renamed: The weights; the classifier is left out.
    """
    return rename(weights, _RULES, leave_out=_CLASSIFIER)


def inflate_first_layer(weight: Tensor, in_channels: int) -> Tensor:
    """Weights of a first layer for RGB made fit for other inputs.

    The mean over R, G and B, times 3 / 10 for ten flow channels, so that inputs of like variance give responses of
    like size; of 13 channels the first three keep their own weights.

    Args:
        weight (Tensor): Shape (out, 3, k, k).
        in_channels (int): Wanted channels.

    Returns:
        Tensor: Shape (out, in_channels, k, k).

    Raises:
        ValueError: If the weights are not for three channels.
    """
    if weight.shape[1] == in_channels:
        return weight
    if weight.shape[1] != 3 or in_channels < 2:
        raise ValueError(f'a first layer of {weight.shape[1]} channels cannot be inflated to {in_channels}')
    rgb = 3 if in_channels % 2 else 0  # flow comes in pairs of x and y
    flow = in_channels - rgb
    flow_weight = weight.mean(dim=1, keepdim=True).expand(-1, flow, -1, -1) * (3 / flow)
    return torch.cat([weight[:, :rgb], flow_weight], dim=1)
