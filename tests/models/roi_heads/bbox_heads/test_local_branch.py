"""Local branch."""
import torch
from mmaction.registry import MODELS

from mmstep.models.roi_heads.bbox_heads.local_branch import Bottleneck2d


def test_published_size():
    branch = MODELS.build(dict(type='BottleneckLocalBranch', in_channels=832 + 256))
    assert branch(torch.zeros(1, 1088, 7, 7)).shape == (1, 1024, 7, 7)
    assert len(branch.blocks) == 3 and not [name for name, _ in branch.named_parameters() if name.endswith('bias')]


def test_bottleneck_adds_its_input():
    """With a last convolution of zeros the block is its shortcut."""
    block = Bottleneck2d(4, 4, 2)
    torch.nn.init.zeros_(block.expand.conv.weight)
    x = torch.rand(2, 4, 5, 5)
    assert torch.equal(block(x), x)
    block = Bottleneck2d(4, 6, 2)
    torch.nn.init.zeros_(block.expand.conv.weight)
    assert torch.allclose(block(x), block.shortcut(x).clamp(min=0))


def test_frames_do_not_see_each_other():
    branch = MODELS.build(dict(type='BottleneckLocalBranch', in_channels=4, channels=6, inner_channels=2)).eval()
    x = torch.rand(3, 4, 5, 5)
    assert torch.allclose(branch(x)[1:2], branch(x[1:2]), atol=1e-6)


def test_no_frames():
    branch = MODELS.build(dict(type='BottleneckLocalBranch', in_channels=4, channels=6, inner_channels=2))
    assert branch(torch.zeros(0, 4, 7, 7)).shape == (0, 6, 7, 7)
