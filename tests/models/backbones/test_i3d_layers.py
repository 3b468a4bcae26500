"""Padding, pooling and blocks of I3D."""
import pytest
import torch
import torch.nn.functional as F

from mmstep.models.backbones.i3d_layers import MixedBlock, PaddedMaxPool3d, mixed_out_channels, pad_amounts


def test_padding_by_hand():
    # Kernel 7, stride 2: fixed adds 5, the smaller half in front; the rule of TensorFlow depends on the size.
    assert pad_amounts((8, 8, 8), (7, 7, 7), (2, 2, 2), 'fixed') == [2, 3] * 3
    assert pad_amounts((8, 9, 8), (7, 7, 7), (2, 2, 2), 'same') == [2, 3, 3, 3, 2, 3]
    assert pad_amounts((8, 8, 8), (2, 2, 2), (2, 2, 2), 'fixed') == [0] * 6


def test_channels_of_mixed_blocks_are_those_of_their_branches():
    # 192, 208, 48 and 64 channels; a width multiplier rounds each branch, and leaves it one channel at least.
    assert mixed_out_channels('Mixed_4b') == 192 + 208 + 48 + 64
    assert mixed_out_channels('Mixed_4b', 1 / 64) == 3 + 3 + 1 + 1
    assert MixedBlock('Mixed_4b', 8, 1 / 64)(torch.rand(1, 8, 2, 5, 5)).shape == (1, 8, 2, 5, 5)


@pytest.mark.parametrize('padding, bordering', [('fixed', {2}), ('same', {0, 2})])
def test_pooling_pads_with_zeros(padding, bordering):
    # Kernel 3, stride 2, 5 pixels: fixed adds one zero behind, TensorFlow's rule one on each side.
    out = PaddedMaxPool3d((1, 3, 3), (1, 2, 2), padding)(torch.full((1, 1, 1, 5, 5), -1.))[0, 0, 0]
    expected = [[0. if {row, column} & bordering else -1. for column in range(3)] for row in range(3)]
    assert out.tolist() == expected


@pytest.mark.parametrize('padding', ['fixed', 'same'])
@pytest.mark.parametrize('kernel, stride', [((1, 3, 3), (1, 2, 2)), ((3, 3, 3), (2, 2, 2)), ((2, 2, 2), (2, 2, 2)),
                                            ((3, 3, 3), (1, 1, 1))])
def test_pooling_equals_that_of_a_padded_copy(padding, kernel, stride):
    for size in [(1, 1, 1), (2, 3, 4), (3, 7, 7), (5, 8, 9), (9, 6, 25)]:
        x = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(0)) - 1
        padded = F.pad(x, pad_amounts(size, kernel, stride, padding))
        expected = F.max_pool3d(padded, kernel, stride, ceil_mode=True)
        assert torch.equal(PaddedMaxPool3d(kernel, stride, padding)(x), expected)
        rectified = F.max_pool3d(padded.relu(), kernel, stride, ceil_mode=True)
        assert torch.equal(PaddedMaxPool3d(kernel, stride, padding, nonnegative=True)(x.relu()), rectified)


def test_a_batch_of_one_stays_channels_last_when_it_is_padded():
    """Strides as a convolution leaves them: that of the batch says nothing, and F.pad takes the map for another."""
    x = torch.rand(1, 5, 5, 2, 4).permute(0, 4, 3, 1, 2).as_strided((1, 4, 2, 5, 5), (4, 1, 100, 20, 4))
    assert x.is_contiguous(memory_format=torch.channels_last_3d)
    out = PaddedMaxPool3d((1, 3, 3), (1, 2, 2))(x)
    assert out.is_contiguous(memory_format=torch.channels_last_3d)
    assert out.equal(PaddedMaxPool3d((1, 3, 3), (1, 2, 2))(x.clone(memory_format=torch.contiguous_format)))
