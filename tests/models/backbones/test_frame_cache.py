"""Features of frames are made once, and are those of the backbone."""
import pytest
import torch
from mmaction.registry import MODELS

from mmstep.errors import DataError

VGG = dict(type='FrameVGG', channels=(4, 4, 8, 8, 8))


def cached(**kwargs):
    return MODELS.build(dict(type='FrameCache', backbone=dict(VGG, **kwargs)))


def count_frames(model):
    """Counts the frames that reach the backbone."""
    made = []
    model.backbone.register_forward_pre_hook(lambda _, args: made.append(args[0].shape[2]))
    return made


def test_features_are_those_of_the_backbone():
    model = cached()
    x = torch.rand(2, 3, 4, 32, 48)
    assert model.out_channels == 8
    with torch.no_grad():
        torch.testing.assert_close(model(x), model.backbone(x), rtol=1e-4, atol=1e-5)


def test_a_frame_is_made_once():
    model = cached()
    made = count_frames(model)
    x = torch.rand(1, 3, 4, 32, 32)
    first = model(x)
    assert torch.equal(model(x), first)
    assert torch.equal(model(x[:, :, [2, 0]]), first[:, :, [2, 0]])
    model(torch.cat([x[:, :, :1], torch.rand(1, 3, 1, 32, 32)], dim=2))
    assert made == [4, 1]


def test_a_frame_that_comes_twice_in_a_batch_is_made_once():
    model = cached()
    made = count_frames(model)
    x = torch.rand(1, 3, 1, 32, 32).expand(2, 3, 3, 32, 32)
    out = model(x)
    assert made == [1] and torch.equal(out[0, :, 0], out[1, :, 2])


def test_the_backbone_is_not_trained():
    model = cached()
    model.train()
    out = model(torch.rand(1, 3, 2, 32, 32))
    assert not out.requires_grad and not model.backbone.training
    assert not any(p.requires_grad for p in model.parameters())


def test_a_backbone_that_pools_time_is_refused():
    backbone = dict(type='InceptionI3D', final_endpoint='Conv3d_1a_7x7', width_mult=1 / 16)
    model = MODELS.build(dict(type='FrameCache', backbone=backbone))
    with pytest.raises(DataError, match='InceptionI3D makes 2 of 4'):
        model(torch.rand(1, 3, 4, 32, 32))
