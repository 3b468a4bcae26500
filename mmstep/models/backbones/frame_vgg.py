"""VGG16 on every frame of a window."""
from typing import Optional, Sequence

import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn

# Convolutions of the five stages, with a max-pool between two stages.
STAGES = (2, 2, 3, 3, 3)


@MODELS.register_module()
class FrameVGG(BaseModule):
    """VGG16 to conv5_3, frame by frame (section 4.1: "we use VGG16 pre-trained on ImageNet as the backbone").

    Stride 16 in space, 1 in time. Layers are numbered as torchvision's and MMCV's ``features``, so that their
    checkpoints load by ``init_cfg=dict(type='Pretrained', checkpoint=...)``. A first layer for three channels is
    inflated to ``in_channels``, see :func:`inflate_first_layer`.

    Args:
        in_channels (int): 3 for RGB, 10 for five stacked flow maps, 13 for both (early fusion). Defaults to 3.
        channels (Sequence[int]): Of the five stages. Defaults to VGG16's.
        frozen_stages (int): So many stages keep their weights. Defaults to 0.
        init_cfg (dict, optional): Initialisation config.
    """

    def __init__(self,
                 in_channels: int = 3,
                 channels: Sequence[int] = (64, 128, 256, 512, 512),
                 frozen_stages: int = 0,
                 init_cfg: Optional[dict] = dict(type='Kaiming', layer='Conv2d')) -> None:
        super().__init__(init_cfg=init_cfg)
        layers, width = [], in_channels
        self._stage_ends = []
        for stage, (depth, out_channels) in enumerate(zip(STAGES, channels)):
            if stage:
                layers.append(nn.MaxPool2d(2, 2))
            for _ in range(depth):
                layers += [nn.Conv2d(width, out_channels, 3, padding=1), nn.ReLU(inplace=True)]
                width = out_channels
            self._stage_ends.append(len(layers))
        self.features = nn.Sequential(*layers)
        self.out_channels = width
        self.frozen_stages = frozen_stages
        if frozen_stages:
            self.features[:self._stage_ends[frozen_stages - 1]].requires_grad_(False)
        self.register_load_state_dict_pre_hook(_inflate_hook)

    def forward(self, x: Tensor) -> Tensor:
        """Makes features of every frame.

        Args:
            x (Tensor): Shape (B, in_channels, T, H, W).

        Returns:
            Tensor: Shape (B, out_channels, T, H / 16, W / 16).
        """
        frames = x.transpose(1, 2)
        out = self.features(frames.flatten(0, 1))
        return out.unflatten(0, frames.shape[:2]).transpose(1, 2)


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
    if weight.shape[1] != 3 or in_channels < 3:
        raise ValueError(f'a first layer of {weight.shape[1]} channels cannot be inflated to {in_channels}')
    rgb = 3 if in_channels % 2 else 0  # flow comes in pairs of x and y
    flow = in_channels - rgb
    flow_weight = weight.mean(dim=1, keepdim=True).expand(-1, flow, -1, -1) * (3 / flow)
    return torch.cat([weight[:, :rgb], flow_weight], dim=1)


def _inflate_hook(module: FrameVGG, state_dict: dict, prefix: str, *args) -> None:
    key = f'{prefix}features.0.weight'
    if key in state_dict:
        state_dict[key] = inflate_first_layer(state_dict[key], module.features[0].in_channels)
