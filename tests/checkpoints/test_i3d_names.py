"""I3D in its two namings."""
import pytest
import torch
import torch.nn.functional as F
from helpers.weight_names import other_naming

from mmstep.checkpoints import i3d_from_file, i3d_kind, i3d_remarks, i3d_settings, list_differences
from mmstep.models import InceptionI3D


def randomised(model):
    for name, value in model.state_dict().items():
        if value.is_floating_point():
            value.copy_(
                torch.rand_like(value) + 0.5 if 'batch3d' in name else torch.randn_like(value) / value[0].numel()**0.5)
    return model


@pytest.mark.parametrize('channels', [2, 3])
def test_both_namings_fill_the_whole_network(channels):
    model = InceptionI3D(in_channels=channels, final_endpoint='Mixed_5c', width_mult=1 / 16)
    weights = {**model.state_dict()}
    other = {**other_naming(weights), 'logits.conv3d.weight': torch.zeros(400, 64, 1, 1, 1)}
    assert 'Mixed_4f.b2b.bn.running_var' in other and len(other) == len(weights) + 1
    for file, left_out in ((weights, []), (other, ['logits.conv3d.weight'])):
        renamed = i3d_from_file(file)
        assert list_differences(model.state_dict(), renamed) == [] and renamed.left_out == left_out
        assert all(renamed.weights[name] is weight for name, weight in weights.items())


def test_kinds():
    assert i3d_kind(['conv3d_1a_7x7.conv3d.weight']) == 'branch_N' == i3d_kind(['mixed_5b.branch_0.conv3d.weight'])
    assert i3d_kind(['Conv3d_1a_7x7.conv3d.weight']) == 'bN' == i3d_kind(['logits.conv3d.bias', 'Mixed_5c.b0.bn.bias'])
    assert i3d_kind(['conv1.weight']) is None and i3d_kind([]) is None


def test_unknown_names_are_listed():
    renamed = i3d_from_file({'Mixed_3b.b9.bn.weight': torch.zeros(1), 'Mixed_3b.b0.bn.weight': torch.zeros(1)})
    assert renamed.unknown == ['Mixed_3b.b9.bn.weight'] and list(
        renamed.weights) == ['mixed_3b.branch_0.batch3d.weight']


def test_settings_and_remarks():
    assert i3d_settings('bN') == "norm_cfg=dict(type='BN3d', eps=1e-3), padding='same'"
    assert i3d_settings('branch_N') == "norm_cfg=dict(type='BN3d', eps=1e-5), padding='fixed'"
    names = ['Mixed_5b.b0.bn.weight']
    assert i3d_remarks(names, {1e-3}, {'same'}) == [] == i3d_remarks(['conv1.weight'], {1.}, {'x'})
    for eps, padding in ((1e-5, 'same'), (1e-3, 'fixed')):
        remark, = i3d_remarks(names, {eps}, {padding})
        assert "eps=1e-3), padding='same'" in remark


def stem_and_pool(x, weights):
    """The first two layers of the naming with capitals, by TensorFlow's rule of padding and an eps of 1e-3."""

    def pad(x, kernel, stride):
        amounts = []
        for size, k, s in list(zip(x.shape[2:], kernel, stride))[::-1]:
            total = max((size + s - 1) // s * s - s + k - size, 0)
            amounts += [total // 2, total - total // 2]
        return F.pad(x, amounts)

    x = F.conv3d(pad(x, (7, 7, 7), (2, 2, 2)), weights['Conv3d_1a_7x7.conv3d.weight'], stride=2)
    norm = [weights[f'Conv3d_1a_7x7.bn.{part}'] for part in ('running_mean', 'running_var', 'weight', 'bias')]
    x = F.relu(F.batch_norm(x, *norm, eps=1e-3))
    return F.max_pool3d(pad(x, (1, 3, 3), (1, 2, 2)), (1, 3, 3), (1, 2, 2))


def test_the_named_settings_give_the_other_networks_features():
    cfg = dict(in_channels=2, final_endpoint='MaxPool3d_2a_3x3', width_mult=1 / 4)
    model = randomised(InceptionI3D(norm_cfg=dict(type='BN3d', eps=1e-3), padding='same', **cfg)).eval()
    x = torch.rand(1, 2, 9, 45, 46)  # odd sizes, where the two rules of padding differ
    weights = other_naming(model.state_dict())
    with torch.no_grad():
        model.load_state_dict(weights)
        assert torch.allclose(model(x), stem_and_pool(x, weights), atol=1e-5)
        plain = InceptionI3D(**cfg).eval()
        plain.load_state_dict(weights)
        ours, theirs = plain(x), stem_and_pool(x, weights)
        assert ours.shape != theirs.shape or not torch.allclose(ours, theirs, atol=1e-5)
