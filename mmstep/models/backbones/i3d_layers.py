"""Building blocks of Inception-v1 I3D: padded layers and Mixed blocks."""
from typing import Any, Dict, List, Optional, Sequence, Tuple

import torch
import torch.nn.functional as F
from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule, Sequential
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.utils import _triple

from mmstep.checkpoints import StrictlyPretrained, i3d_from_file, i3d_remarks, is_other_i3d, with_rest

# Output channels of the branches: 1x1; 1x1 -> 3x3; 1x1 -> 3x3; pool -> 1x1.
MIXED_CHANNELS: Dict[str, Tuple[int, ...]] = {
    'Mixed_3b': (64, 96, 128, 16, 32, 32),
    'Mixed_3c': (128, 128, 192, 32, 96, 64),
    'Mixed_4b': (192, 96, 208, 16, 48, 64),
    'Mixed_4c': (160, 112, 224, 24, 64, 64),
    'Mixed_4d': (128, 128, 256, 24, 64, 64),
    'Mixed_4e': (112, 144, 288, 32, 64, 64),
    'Mixed_4f': (256, 160, 320, 32, 128, 128),
    'Mixed_5b': (256, 160, 320, 32, 128, 128),
    'Mixed_5c': (384, 192, 384, 48, 128, 128),
}


def scale_channels(channels: int, width_mult: float) -> int:
    """Channels times the width multiplier, at least 1."""
    return max(1, round(channels * width_mult))


def mixed_out_channels(name: str, width_mult: float = 1.0) -> int:
    """Output channels of the Mixed block ``name``, summed over branches."""
    branches = MIXED_CHANNELS[name]
    return sum(scale_channels(branches[i], width_mult) for i in (0, 2, 4, 5))


def pad_amounts(size: Sequence[int], kernel: Sequence[int], stride: Sequence[int], padding: str) -> List[int]:
    """Zeros to add before and after each axis, in :func:`F.pad`'s order.

    Args:
        size (Sequence[int]): T, H, W of the input.
        kernel (Sequence[int]): T, H, W of the kernel.
        stride (Sequence[int]): T, H, W of the stride.
        padding (str): 'fixed': ``max(kernel - stride, 0)`` in all whatever the size; 'same': TensorFlow's rule, which
            depends on the size.

    Returns:
        list[int]: W before, W after, H before, H after, T before, T after; the smaller half of each total comes first.
    """
    amounts = []
    for n, k, s in zip(reversed(size), reversed(kernel), reversed(stride)):
        if padding == 'fixed':
            total = max(k - s, 0)
        else:
            total = max((-(-n // s) - 1) * s + k - n, 0)
        amounts += [total // 2, total - total // 2]
    return amounts


def _pad(x: Tensor, amounts: Sequence[int]) -> Tensor:
    """Zeros around a map, in its memory layout: in a batch of one F.pad may take channels-last for another layout, in
    which pooling is ten times slower."""
    if not any(amounts):
        return x
    formats = {True: torch.channels_last_3d, False: torch.contiguous_format}
    layout = formats[x.is_contiguous(memory_format=torch.channels_last_3d)]
    return F.pad(x, amounts).contiguous(memory_format=layout)


class NormEvalModule(StrictlyPretrained):
    """A part of I3D whose batch norm can stay on its running statistics.

    It takes Kinetics weights in both namings, see :mod:`mmstep.checkpoints.i3d_names`.

    Args:
        norm_eval (bool): Keep batch norm in eval mode in training.
        init_cfg (dict, optional): Initialisation config.
    """

    def __init__(self, norm_eval: bool = False, init_cfg: Optional[dict] = None) -> None:
        super().__init__(init_cfg=init_cfg)
        self.norm_eval = norm_eval

    def train(self, mode: bool = True) -> 'NormEvalModule':
        """Sets training mode, but for batch norm if ``norm_eval``."""
        super().train(mode)
        if mode and self.norm_eval:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self

    def adapt_weights(self, weights: Dict[str, Tensor]) -> Dict[str, Tensor]:
        """Gives weights of the other naming this one's names."""
        if not is_other_i3d(weights):
            return weights
        return with_rest(i3d_from_file(weights), weights)

    def list_remarks(self, weights: Dict[str, Tensor]) -> List[str]:
        """Says so if the weights were made with another eps or padding."""
        eps = {m.eps for m in self.modules() if isinstance(m, _BatchNorm)}
        padding = {m.padding for m in self.modules() if isinstance(m, (PaddedConv3d, PaddedMaxPool3d))}
        return i3d_remarks(weights, eps, padding)


class PaddedConv3d(BaseModule):
    """Convolution without bias, batch norm and ReLU.

    Args:
        in_channels (int): Input channels.
        out_channels (int): Output channels.
        kernel (Sequence[int]): T, H, W of the kernel.
        stride (Sequence[int]): T, H, W of the stride.
        padding (str): 'fixed' or 'same', see :func:`pad_amounts`.
        norm_cfg (dict): Config of the norm layer.
    """

    def __init__(self,
                 in_channels: int,
                 out_channels: int,
                 kernel: Sequence[int] = (1, 1, 1),
                 stride: Sequence[int] = (1, 1, 1),
                 padding: str = 'fixed',
                 norm_cfg: dict = dict(type='BN3d')) -> None:
        super().__init__()
        self.padding = padding
        # A stride-1 kernel of odd size needs the same zeros on both sides under either rule: the convolution adds
        # them itself, without a copy of the input.
        self.symmetric = all(s == 1 and k % 2 for k, s in zip(kernel, stride))
        self.conv3d = nn.Conv3d(
            in_channels,
            out_channels,
            _triple(kernel),
            _triple(stride),
            padding=_triple([k // 2 for k in kernel] if self.symmetric else 0),
            bias=False)
        self.batch3d = build_norm_layer(norm_cfg, out_channels)[1]
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N, C, T, H, W) to (N, C', T', H', W')."""
        if not self.symmetric:
            x = _pad(x, pad_amounts(x.shape[2:], self.conv3d.kernel_size, self.conv3d.stride, self.padding))
        return self.relu(self.batch3d(_convolve(self.conv3d, x)))


def _convolve(conv: nn.Conv3d, x: Tensor) -> Tensor:
    """The convolution, on a CPU by oneDNN.

    For small inputs in a batch of one PyTorch takes another implementation, which is slower and, worse, not
    channels-last: all that follows would lose that layout.
    """
    one_dnn = torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled
    if not one_dnn or torch.is_grad_enabled() or x.device.type != 'cpu' or x.dtype != torch.float32 or \
            x.numel() == 0 or torch.is_autocast_enabled('cpu') or torch.compiler.is_compiling():
        return conv(x)
    padding: Any = conv.padding
    return torch.mkldnn_convolution(x, conv.weight, conv.bias, padding, conv.stride, conv.dilation, conv.groups)


class PaddedMaxPool3d(nn.Module):
    """Max-pooling over an input padded with zeros, rounding up.

    Where the pooling's own padding gives the same cells, the input is not copied: that padding never wins, so the
    cells at a padded border are compared with zero afterwards.

    Args:
        kernel (Sequence[int]): T, H, W of the kernel.
        stride (Sequence[int]): T, H, W of the stride.
        padding (str): 'fixed' or 'same', see :func:`pad_amounts`.
        nonnegative (bool): The input has no negative values, as after a ReLU, so nothing has to be compared. Defaults
            to False.
    """

    def __init__(self,
                 kernel: Sequence[int],
                 stride: Sequence[int],
                 padding: str = 'fixed',
                 nonnegative: bool = False) -> None:
        super().__init__()
        self.kernel, self.stride, self.padding = tuple(kernel), tuple(stride), padding
        self.nonnegative = nonnegative

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N, C, T, H, W) to (N, C, T', H', W')."""
        amounts = pad_amounts(x.shape[2:], self.kernel, self.stride, self.padding)
        # Of T, H and W again.
        before, after = amounts[::2][::-1], amounts[1::2][::-1]
        axes = list(zip(x.shape[2:], self.kernel, self.stride, before, after))
        same_cells = all(2 * b <= k and _pooled(n, k, s, b, b) == _pooled(n, k, s, b, a) for n, k, s, b, a in axes)
        # In-place changes of slices make a bad graph to export.
        if not same_cells or (torch.compiler.is_compiling() and not self.nonnegative):
            return F.max_pool3d(_pad(x, amounts), self.kernel, self.stride, ceil_mode=True)
        out = F.max_pool3d(x, self.kernel, self.stride, before, ceil_mode=True)
        if not self.nonnegative:
            for axis, (n, k, s, b, a) in enumerate(axes, start=2):
                for first, count in _bordering(n, k, s, b, a, out.shape[axis]):
                    out.narrow(axis, first, count).clamp_(min=0)
        return out


def _pooled(n: int, kernel: int, stride: int, before: int, after: int) -> int:
    """Cells that pooling makes of n with so many added, rounding up; each begins before the added end."""
    cells = -(-(n + before + after - kernel) // stride) + 1
    return cells - ((cells - 1) * stride >= n + before)


def _bordering(n: int, kernel: int, stride: int, before: int, after: int, cells: int) -> List[Tuple[int, int]]:
    """First cell and number of those that reach into the padding before and after an axis of n."""
    found = []
    if before:
        found.append((0, min(-(-before // stride), cells)))
    first = max((n + before - kernel) // stride + 1, 0)
    if after and first < cells:
        found.append((first, cells - first))
    return found


class MixedBlock(BaseModule):
    """Inception block: four branches, concatenated in channels.

    Args:
        name (str): A key of :data:`MIXED_CHANNELS`, which sets the widths.
        in_channels (int): Input channels.
        width_mult (float): Multiplies every width.
        padding (str): 'fixed' or 'same', see :func:`pad_amounts`.
        norm_cfg (dict): Config of the norm layers.
        nonnegative (bool): The input has no negative values. Defaults to False.
    """

    def __init__(self,
                 name: str,
                 in_channels: int,
                 width_mult: float = 1.0,
                 padding: str = 'fixed',
                 norm_cfg: dict = dict(type='BN3d'),
                 nonnegative: bool = False) -> None:
        super().__init__()
        c = [scale_channels(n, width_mult) for n in MIXED_CHANNELS[name]]
        common: Dict[str, Any] = dict(padding=padding, norm_cfg=norm_cfg)
        cube = (3, 3, 3)
        self.branch_0 = PaddedConv3d(in_channels, c[0], **common)
        self.branch_1 = Sequential(PaddedConv3d(in_channels, c[1], **common), PaddedConv3d(c[1], c[2], cube, **common))
        self.branch_2 = Sequential(PaddedConv3d(in_channels, c[3], **common), PaddedConv3d(c[3], c[4], cube, **common))
        self.branch_3 = Sequential(
            PaddedMaxPool3d(cube, (1, 1, 1), padding, nonnegative), PaddedConv3d(in_channels, c[5], **common))
        self.out_channels = c[0] + c[2] + c[4] + c[5]

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N, C, T, H, W) to (N, C', T, H, W)."""
        return torch.cat([self.branch_0(x), self.branch_1(x), self.branch_2(x), self.branch_3(x)], 1)
