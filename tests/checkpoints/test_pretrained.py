"""init_cfg of a checkpoint: all of a module, or an error that says why not."""
import pytest
import torch
from helpers.weight_names import other_naming
from mmaction.registry import MODELS

from mmstep.checkpoints.pretrained import WeightsError
from mmstep.errors import LaunchError
from mmstep.models import I3DGlobalBranch, I3DSceneContext, InceptionI3D

NARROW = dict(width_mult=1 / 16)


@pytest.fixture
def whole():
    return InceptionI3D(final_endpoint='Mixed_5c', **NARROW)


def save(folder, content):
    torch.save(content, folder / 'i3d.pth')
    return dict(type='Pretrained', checkpoint=str(folder / 'i3d.pth'))


@pytest.mark.parametrize('naming', [dict, other_naming])
def test_every_part_takes_kinetics_weights_in_both_namings(tmp_path, whole, naming):
    init_cfg = save(tmp_path, naming(whole.state_dict()))
    backbone = MODELS.build(dict(type='InceptionI3D', init_cfg=init_cfg, **NARROW))
    parts = [
        MODELS.build(dict(type=kind, in_channels=52, init_cfg=init_cfg, **NARROW))
        for kind in ('I3DGlobalBranch', 'I3DSceneContext')
    ]
    for part in (backbone, *parts):
        part.init_weights()
        assert all(torch.equal(value, whole.state_dict()[name]) for name, value in part.state_dict().items())


def test_with_a_prefix(tmp_path, whole):
    weights = {f'backbone.{name}': weight for name, weight in whole.state_dict().items()}
    init_cfg = save(tmp_path, dict(state_dict=weights, meta=dict(epoch=3)))
    model = InceptionI3D(init_cfg=dict(init_cfg, prefix='backbone.'), **NARROW)
    model.init_weights()
    assert torch.equal(model.mixed_4f.branch_0.conv3d.weight, whole.mixed_4f.branch_0.conv3d.weight)
    with pytest.raises(WeightsError, match=r"(?s)under 'neck.' does not fill it.*225 of the model's 270"):
        InceptionI3D(init_cfg=dict(init_cfg, prefix='neck.'), **NARROW).init_weights()


def test_flow_weights_in_an_rgb_model(tmp_path):
    flow = InceptionI3D(in_channels=2, **NARROW)
    init_cfg = save(tmp_path, flow.state_dict())
    with pytest.raises(
            WeightsError,
            match=r'(?s)init_cfg of InceptionI3D: .*i3d.pth does not fill it. The file is I3D '
            r'of optical flow.*1 weights have another shape:.*conv3d_1a_7x7.conv3d.weight 4x2x7x7x7: '):
        InceptionI3D(init_cfg=init_cfg, **NARROW).init_weights()


def test_a_backbone_alone_does_not_fill_the_head(tmp_path):
    init_cfg = save(tmp_path, InceptionI3D(**NARROW).state_dict())
    for kind in (I3DGlobalBranch, I3DSceneContext):
        with pytest.raises(WeightsError, match=f'(?s)init_cfg of {kind.__name__}: .*60 of the model.s 72'):
            kind(in_channels=52, init_cfg=init_cfg, **NARROW).init_weights()


def test_another_models_weights_are_called_by_name(tmp_path):
    init_cfg = save(tmp_path, dict(state_dict={
        'backbone.conv1.weight': torch.zeros(1),
        'cls_head.fc': torch.zeros(1)
    }))
    with pytest.raises(WeightsError, match=r"(?s)a recogniser of MMAction2.*needs no conversion.*prefix='backbone.'"):
        InceptionI3D(init_cfg=init_cfg, **NARROW).init_weights()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(LaunchError, match='none.pth does not exist'):
        InceptionI3D(init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'none.pth')), **NARROW).init_weights()


def test_a_difference_in_settings_is_said(tmp_path, whole, monkeypatch):
    from mmstep.checkpoints import pretrained
    said = []
    monkeypatch.setattr(pretrained, 'print_log', lambda message, **_: said.append(message))
    init_cfg = save(tmp_path, other_naming(whole.state_dict()))
    InceptionI3D(init_cfg=init_cfg, padding='same', norm_cfg=dict(type='BN3d', eps=1e-3), **NARROW).init_weights()
    assert said == []
    InceptionI3D(init_cfg=init_cfg, **NARROW).init_weights()
    assert len(said) == 1 and "eps=1e-3), padding='same'" in said[0]


def test_other_initialisations_pass(tmp_path):
    for init_cfg in (None, dict(type='Kaiming', layer='Conv3d'), [dict(type='Constant', val=0, layer='Conv3d')]):
        InceptionI3D(init_cfg=init_cfg, **NARROW).init_weights()
