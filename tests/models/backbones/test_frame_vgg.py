"""VGG16 on frames: layers, weights of others, frozen stages."""
import pytest
import torch
from mmaction.registry import MODELS
from mmcv.cnn import VGG
from torch import nn

from mmstep.errors import LaunchError
from mmstep.models import FrameVGG

NARROW = (4, 4, 8, 8, 8)


def narrow(**kwargs):
    return MODELS.build(dict(type='FrameVGG', channels=NARROW, **kwargs))


def saved(tmp_path, state_dict):
    path = str(tmp_path / 'vgg.pth')
    torch.save(state_dict, path)
    return dict(type='Pretrained', checkpoint=path)


def test_layers_are_those_of_vgg16_to_conv5_3():
    with torch.device('meta'):
        model = FrameVGG()
        out = model(torch.empty(2, 3, 6, 400, 400))
    assert out.shape == (2, 512, 6, 25, 25) and model.out_channels == 512
    convs = {int(name): m for name, m in model.features.named_children() if isinstance(m, nn.Conv2d)}
    assert list(convs) == [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]
    assert [m.out_channels for m in convs.values()] == [64] * 2 + [128] * 2 + [256] * 3 + [512] * 6
    assert sum(p.numel() for p in model.parameters()) == 14_714_688  # of VGG16's 138 million, the convolutions


def test_frames_do_not_see_each_other():
    model = narrow().eval()
    x = torch.rand(2, 3, 3, 32, 48)
    with torch.no_grad():
        out = model(x)
        alone = model(x[1:, :, 2:])
    assert out.shape == (2, 8, 3, 2, 3)
    assert torch.allclose(out[1:, :, 2:], alone, atol=1e-6)


def test_weights_and_features_of_mmcv(tmp_path):
    """MMCV's VGG without its last max-pool, which would make the stride 32."""
    theirs = VGG(16, with_last_pool=False)
    with torch.device('meta'):
        shapes = {name: value.shape for name, value in FrameVGG().state_dict().items()}
    assert shapes == {name: value.shape for name, value in theirs.state_dict().items()}
    ours = FrameVGG(init_cfg=saved(tmp_path, theirs.state_dict()))
    ours.init_weights()
    x = torch.rand(1, 3, 2, 32, 32)
    with torch.no_grad():
        assert torch.allclose(ours(x)[:, :, 1], theirs(x[:, :, 1])[-1], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize('channels', [2, 10, 13])
def test_pretrained_weights_are_inflated(tmp_path, channels):
    rgb = narrow()
    weights = {**rgb.state_dict(), 'classifier.0.bias': torch.ones(9)}  # torchvision's has a classifier too
    model = narrow(in_channels=channels, init_cfg=saved(tmp_path, weights))
    model.init_weights()
    first, theirs = model.features[0].weight, rgb.features[0].weight
    flow = first[:, 3:] if channels == 13 else first
    if channels == 13:
        assert torch.equal(first[:, :3], theirs)
    # Equal flow in all channels gives what a grey picture of that value gives.
    assert torch.allclose(flow.sum(1), theirs.sum(1), atol=1e-6)
    assert torch.allclose(flow, flow[:, :1].expand_as(flow))
    assert all(
        torch.equal(a, b) for (n, a), b in zip(model.state_dict().items(),
                                               rgb.state_dict().values()) if n != 'features.0.weight')


def test_own_checkpoints_load_as_they_are():
    one, two = narrow(in_channels=13), narrow(in_channels=13)
    two.load_state_dict(one.state_dict())
    assert torch.equal(one.features[0].weight, two.features[0].weight)


def test_weights_are_inflated_inside_a_detector():
    rgb, holder = nn.ModuleDict(dict(backbone=narrow())), nn.ModuleDict(dict(backbone=narrow(in_channels=10)))
    holder.load_state_dict(rgb.state_dict())
    assert holder['backbone'].features[0].weight.shape == (4, 10, 3, 3)


def test_wrong_weights_are_refused(tmp_path):
    for weights in (VGG(11, with_bn=True).state_dict(), {'conv1.weight': torch.zeros(64, 3, 7, 7)}):
        with pytest.raises(LaunchError, match='init_cfg of FrameVGG: .*vgg.pth does not fill it'):
            narrow(init_cfg=saved(tmp_path, weights)).init_weights()


def test_frozen_stages_keep_their_weights():
    model = narrow(frozen_stages=2).train()
    model(torch.rand(1, 3, 2, 32, 32)).sum().backward()
    convs = [m for m in model.features if isinstance(m, nn.Conv2d)]
    assert [m.weight.grad is not None for m in convs] == [False] * 4 + [True] * 9


def test_gradients_reach_every_parameter():
    model = narrow(in_channels=10)
    model.init_weights()
    model(torch.rand(1, 10, 2, 32, 32)).sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())
