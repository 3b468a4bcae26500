"""Folding batch norm: the same outputs, and no batch norm left."""
import pytest
import torch
from mmcv.cnn import ConvModule
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmstep.models import InceptionI3D
from mmstep.models.fold_batch_norm import fold_batch_norm


def randomize(model):
    """Statistics, scales and shifts of a trained batch norm."""
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2)
            if module.affine:
                nn.init.normal_(module.weight)
                nn.init.normal_(module.bias)
    return model.eval()


@pytest.mark.parametrize('make, shape', [
    (lambda: InceptionI3D(width_mult=1 / 8, final_endpoint='Mixed_3c'), (1, 3, 8, 32, 32)),
    (lambda: ConvModule(3, 8, 3, norm_cfg=dict(type='BN2d')), (2, 3, 8, 8)),
    (lambda: ConvModule(3, 8, 3, bias=True, conv_cfg=dict(type='Conv3d'), norm_cfg=dict(type='BN3d')),
     (2, 3, 4, 8, 8)),
])
def test_outputs_stay(make, shape):
    torch.manual_seed(0)
    model, x = randomize(make()), torch.randn(shape)
    with torch.no_grad():
        expected = model(x)
        assert torch.allclose(fold_batch_norm(model)(x), expected, rtol=1e-4, atol=1e-5 * expected.abs().max())
    assert not any(isinstance(module, _BatchNorm) for module in model.modules())


@pytest.mark.parametrize('model', [
    ConvModule(3, 8, 3, norm_cfg=dict(type='GN', num_groups=2)),
    ConvModule(3, 8, 3, norm_cfg=dict(type='BN'), order=('norm', 'conv', 'act')),
    ConvModule(3, 8, 3),
])
def test_what_does_not_fit_is_left_alone(model):
    before = str(model)
    assert str(fold_batch_norm(model)) == before
