"""Inception-v1 inflated to 3D."""
from typing import Optional

from mmaction.registry import MODELS
from torch import Tensor, nn

from .i3d_layers import MixedBlock, NormEvalModule, PaddedConv3d, PaddedMaxPool3d, mixed_out_channels, scale_channels

_POOL_SPACE = ((1, 3, 3), (1, 2, 2))
_POOL_CUBE = ((3, 3, 3), (2, 2, 2))
_POOL_LAST = ((2, 2, 2), (2, 2, 2))

# End point -> (kernel, stride, width) of a convolution, (kernel, stride) of a pooling, None for a Mixed block.
_LAYERS = {
    'Conv3d_1a_7x7': ((7, 7, 7), (2, 2, 2), 64),
    'MaxPool3d_2a_3x3': _POOL_SPACE,
    'Conv3d_2b_1x1': ((1, 1, 1), (1, 1, 1), 64),
    'Conv3d_2c_3x3': ((3, 3, 3), (1, 1, 1), 192),
    'MaxPool3d_3a_3x3': _POOL_SPACE,
    'Mixed_3b': None,
    'Mixed_3c': None,
    'MaxPool3d_4a_3x3': _POOL_CUBE,
    'Mixed_4b': None,
    'Mixed_4c': None,
    'Mixed_4d': None,
    'Mixed_4e': None,
    'Mixed_4f': None,
    'MaxPool3d_5a_2x2': _POOL_LAST,
    'Mixed_5b': None,
    'Mixed_5c': None,
}


@MODELS.register_module()
class InceptionI3D(NormEvalModule):
    """Inception-v1 I3D, up to any end point.

    `Quo Vadis, Action Recognition? A New Model and the Kinetics Dataset <https://arxiv.org/abs/1705.07750>`_. STEP
    uses it up to ``Mixed_4f`` (section 4.1): stride 16 in space and 4 in time, 832 channels. In a Recognizer3D take
    ``final_endpoint='Mixed_5c'`` and an ``I3DHead``.

    Args:
        in_channels (int): 3 for RGB, 2 for flow. Defaults to 3.
        final_endpoint (str): Last layer. Defaults to 'Mixed_4f'.
        width_mult (float): Multiplies every width. Defaults to 1.
        padding (str): 'fixed' (zeros whatever the input size, as in the published STEP model) or 'same' (TensorFlow's
            rule, as in the original I3D). Defaults to 'fixed'.
        norm_cfg (dict): Config of the norm layers; ``requires_grad=False`` freezes scale and shift. Defaults to BN3d.
        norm_eval (bool): Keep batch norm on its running statistics in training. Defaults to False.
        frozen_stages (int): So many stages keep their weights and the statistics of their batch norm; a stage ends
            before each pooling. Defaults to 0.
        init_cfg (dict, optional): Initialisation config.

    Raises:
        ValueError: If ``final_endpoint`` or ``padding`` is unknown, or there are fewer than ``frozen_stages`` stages.
    """

    def __init__(self,
                 in_channels: int = 3,
                 final_endpoint: str = 'Mixed_4f',
                 width_mult: float = 1.0,
                 padding: str = 'fixed',
                 norm_cfg: dict = dict(type='BN3d'),
                 norm_eval: bool = False,
                 frozen_stages: int = 0,
                 init_cfg: Optional[dict] = dict(type='Kaiming', layer='Conv3d')) -> None:
        super().__init__(norm_eval, init_cfg)
        if final_endpoint not in _LAYERS:
            raise ValueError(f'final_endpoint={final_endpoint!r} is unknown; '
                             f'choose one of {", ".join(_LAYERS)}')
        if padding not in ('fixed', 'same'):
            raise ValueError(f"padding={padding!r} is unknown; choose 'fixed' or 'same'")
        self._names = []
        channels = in_channels
        for name, layer in _LAYERS.items():
            if layer is None:
                module: nn.Module = MixedBlock(name, channels, width_mult, padding, norm_cfg, nonnegative=True)
                channels = mixed_out_channels(name, width_mult)
            elif len(layer) == 3:
                kernel, stride, width = layer
                width = scale_channels(width, width_mult)
                module = PaddedConv3d(channels, width, kernel, stride, padding, norm_cfg)
                channels = width
            else:
                module = PaddedMaxPool3d(*layer, padding, nonnegative=True)
            # The weights in circulation use these names in lower case.
            self.add_module(name.lower(), module)
            self._names.append(name.lower())
            if name == final_endpoint:
                break
        self.out_channels = channels
        ends = [i for i, name in enumerate(self._names) if name.startswith('maxpool')] + [len(self._names)]
        if not 0 <= frozen_stages <= len(ends):
            raise ValueError(f'frozen_stages={frozen_stages}, and up to {final_endpoint} there are {len(ends)} stages')
        self.frozen_stages = frozen_stages
        self._frozen_names = self._names[:ends[frozen_stages - 1]] if frozen_stages else []
        for name in self._frozen_names:
            getattr(self, name).requires_grad_(False)

    def train(self, mode: bool = True) -> 'InceptionI3D':
        """Sets training mode, but for the batch norm of frozen stages."""
        super().train(mode)
        for name in self._frozen_names:
            getattr(self, name).eval()
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Extracts the feature map.

        Args:
            x (Tensor): Shape (N, in_channels, T, H, W), values in [-1, 1].

        Returns:
            Tensor: Shape (N, out_channels, T', H', W').
        """
        for name in self._names:
            x = getattr(self, name)(x)
        return x
