"""I3D backbone."""
import pytest
import torch
from mmaction.registry import MODELS

from mmstep.models import InceptionI3D

TINY = dict(width_mult=1 / 16)


def test_published_widths_and_names():
    names = dict(InceptionI3D().named_parameters())
    assert names['conv3d_1a_7x7.conv3d.weight'].shape == (64, 3, 7, 7, 7)
    assert names['mixed_4f.branch_1.1.conv3d.weight'].shape == (320, 160, 3, 3, 3)
    assert names['mixed_4f.branch_3.1.batch3d.weight'].shape == (128, )
    assert InceptionI3D().out_channels == 832
    # Parameters of I3D up to Mixed_4f, convolutions only, summed by hand from the widths.
    stem = 64 * 3 * 343 + 64 * 64 + 192 * 64 * 27
    assert sum(p.numel() for n, p in names.items() if n.startswith('conv3d') and 'conv3d.weight' in n) == stem


@pytest.mark.parametrize('padding', ['fixed', 'same'])
def test_strides(padding):
    x = torch.rand(1, 3, 12, 64, 48)
    y = MODELS.build(dict(type='InceptionI3D', padding=padding, **TINY))(x)
    assert y.shape == (1, InceptionI3D(**TINY).out_channels, 3, 4, 3)


def test_end_points_and_flow_input():
    model = InceptionI3D(in_channels=2, final_endpoint='Mixed_5c', **TINY).eval()
    assert model(torch.rand(1, 2, 16, 64, 64)).shape == (1, model.out_channels, 2, 2, 2)
    assert InceptionI3D(final_endpoint='Conv3d_2c_3x3').out_channels == 192
    with pytest.raises(ValueError, match='Mixed_9z.*Mixed_4f'):
        InceptionI3D(final_endpoint='Mixed_9z')
    with pytest.raises(ValueError, match="'fixed' or 'same'"):
        InceptionI3D(padding='valid')


def test_frozen_batch_norm():
    model = InceptionI3D(norm_cfg=dict(type='BN3d', requires_grad=False), norm_eval=True, **TINY)
    model.train()
    before = model.conv3d_1a_7x7.batch3d.running_mean.clone()
    model(torch.rand(2, 3, 8, 32, 32)).sum().backward()
    assert torch.equal(model.conv3d_1a_7x7.batch3d.running_mean, before)
    assert model.conv3d_1a_7x7.batch3d.weight.grad is None
    assert model.conv3d_1a_7x7.conv3d.weight.grad is not None
    assert model.training and not model.mixed_4f.branch_0.batch3d.training


def test_classifies_clips_in_a_recognizer():
    model = MODELS.build(
        dict(
            type='Recognizer3D',
            backbone=dict(type='InceptionI3D', final_endpoint='Mixed_5c', **TINY),
            cls_head=dict(type='I3DHead', num_classes=5, in_channels=64, spatial_type='avg')))
    model.eval()
    assert model(torch.rand(1, 1, 3, 16, 64, 64), mode='tensor').shape[:2] == (1, 64)


def test_frozen_stages_keep_weights_and_statistics():
    """Stage 2 ends before the second pooling: three convolutions, three batch norms."""
    backbone = InceptionI3D(width_mult=1 / 16, frozen_stages=2)
    frozen = [name for name, parameter in backbone.named_parameters() if not parameter.requires_grad]
    assert {name.split('.')[0] for name in frozen} == {'conv3d_1a_7x7', 'conv3d_2b_1x1', 'conv3d_2c_3x3'}
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    backbone.train()
    backbone(torch.randn(2, 3, 8, 32, 32))
    after = backbone.state_dict()
    changed = {name.split('.')[0] for name, value in before.items() if not torch.equal(value, after[name])}
    assert changed and not changed & {'conv3d_1a_7x7', 'conv3d_2b_1x1', 'conv3d_2c_3x3'}
    with pytest.raises(ValueError, match='frozen_stages=6'):
        InceptionI3D(frozen_stages=6)
