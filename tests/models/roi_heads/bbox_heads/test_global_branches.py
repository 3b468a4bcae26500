"""Global branches."""
import torch
from mmaction.registry import MODELS
from torch import nn


def conv3d(**kwargs):
    return MODELS.build(dict(type='Conv3dGlobalBranch', in_channels=6, channels=4, norm_cfg=None, **kwargs))


def test_shapes():
    x = torch.rand(2, 6, 9, 7, 7)
    assert conv3d()(x).shape == (2, 4, 9, 7, 7)
    assert conv3d(pool_time=True)(x).shape == (2, 4, 1, 7, 7)
    i3d = MODELS.build(dict(type='I3DGlobalBranch', in_channels=6, width_mult=1 / 32))
    assert i3d(x).shape == (2, i3d.out_channels, 9, 7, 7) and i3d.out_channels == 32


def test_three_convolutions_of_three_frames_by_default():
    branch = conv3d()
    kernels = [m.kernel_size for m in branch.modules() if isinstance(m, nn.Conv3d)]
    assert kernels == [(3, 3, 3)] * 3


def test_temporal_pooling_takes_the_maximum_over_any_length():
    """Adaptive: tubes of 6, 18 and 30 frames all end as one frame."""
    torch.manual_seed(0)
    pool = conv3d(pool_time=True)
    torch.manual_seed(0)
    keep = conv3d()
    for length in (1, 6, 18, 30):
        x = torch.rand(1, 6, length, 3, 3)
        assert torch.equal(pool(x), keep(x).max(dim=2, keepdim=True).values)


def test_every_frame_reaches_the_classifier():
    branch = conv3d()
    x = torch.rand(1, 6, 9, 5, 5, requires_grad=True)
    branch(x)[:, :, 4].sum().backward()
    seen = x.grad.abs().sum(dim=(0, 1, 3, 4)) > 0
    assert seen.tolist() == [False] + [True] * 7 + [False]  # three layers of three frames see seven


def test_kernels_may_differ_in_space_and_time():
    branch = conv3d(kernel_sizes=[(3, 1, 1), (1, 3, 3)])
    assert branch(torch.rand(1, 6, 5, 4, 4)).shape == (1, 4, 5, 4, 4)


def test_no_tubes():
    assert conv3d(pool_time=True)(torch.zeros(0, 6, 9, 7, 7)).shape == (0, 4, 1, 7, 7)
