"""VGG16 on every frame of a window."""
from typing import Dict, List, Optional, Sequence

from mmaction.registry import MODELS
from torch import Tensor, nn

from mmstep.checkpoints import StrictlyPretrained, inflate_first_layer, vgg_from_file, with_rest

# Convolutions of the five stages, with a max-pool between two stages.
STAGES = (2, 2, 3, 3, 3)


@MODELS.register_module()
class FrameVGG(StrictlyPretrained):
    """VGG16 to conv5_3, frame by frame (section 4.1: "we use VGG16 pre-trained on ImageNet as the backbone").

    Stride 16 in space, 1 in time. Layers are numbered as torchvision's and MMCV's ``features``; their checkpoints, and
    those of OpenMMLab's classifiers, load by ``init_cfg=dict(type='Pretrained', checkpoint=...)``. A first layer for
    three channels is inflated to ``in_channels``, see :func:`~mmstep.checkpoints.inflate_first_layer`. MMCV's
    vgg16_caffe takes BGR in 0..255, less its mean and not divided; torchvision's takes what the data preprocessor of
    the configs here gives.

    Args:
        in_channels (int): 3 for RGB, 10 for five stacked flow maps, 13 for both (early fusion). Defaults to 3.
        channels (Sequence[int]): Of the five stages. Defaults to VGG16's.
        frozen_stages (int): So many stages keep their weights. Defaults to 0.
        init_cfg (dict, optional): Initialisation config. A checkpoint has to hold every convolution, see
            :class:`~mmstep.checkpoints.StrictlyPretrained`; what else it holds, such as torchvision's classifier,
            MMEngine logs and leaves out.
    """

    def __init__(self,
                 in_channels: int = 3,
                 channels: Sequence[int] = (64, 128, 256, 512, 512),
                 frozen_stages: int = 0,
                 init_cfg: Optional[dict] = dict(type='Kaiming', layer='Conv2d')) -> None:
        super().__init__(init_cfg=init_cfg)
        layers: List[nn.Module] = []
        width = in_channels
        self._stage_ends = []
        for stage, (depth, out_channels) in enumerate(zip(STAGES, channels)):
            if stage:
                layers.append(nn.MaxPool2d(2, 2))
            for _ in range(depth):
                layers += [nn.Conv2d(width, out_channels, 3, padding=1), nn.ReLU(inplace=True)]
                width = out_channels
            self._stage_ends.append(len(layers))
        self.in_channels = in_channels
        self.features = nn.Sequential(*layers)
        self.out_channels = width
        self.frozen_stages = frozen_stages
        if frozen_stages:
            self.features[:self._stage_ends[frozen_stages - 1]].requires_grad_(False)

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

    def adapt_weights(self, weights: Dict[str, Tensor]) -> Dict[str, Tensor]:
        """Renames the weights of a VGG16 and inflates its first layer to this one's input."""
        adapted = with_rest(vgg_from_file(weights), weights)
        first = 'features.0.weight'
        if first in adapted:
            adapted[first] = inflate_first_layer(adapted[first], self.in_channels)
        return adapted
