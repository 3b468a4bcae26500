"""tools/convert/i3d_to_mmstep.py as a user runs it."""
import pytest
import torch
from helpers.weight_names import conv_modules, other_naming

from mmstep.checkpoints import inflate_first_layer
from mmstep.checkpoints.checkpoint import read_checkpoint
from mmstep.models import FrameVGG, I3DSceneContext, InceptionI3D

TOOL = 'i3d_to_mmstep.py'


@pytest.fixture(scope='module')
def i3d():
    weights = InceptionI3D(final_endpoint='Mixed_5c').state_dict()
    return {**weights, 'conv3d_0c_1x1.conv3d.weight': torch.zeros(400, 1024, 1, 1, 1)}


@pytest.fixture(scope='module')
def vgg():
    return FrameVGG().state_dict()


def convert(run, folder, content, *words):
    torch.save(content, folder / 'in.pth')
    return run(TOOL, folder / 'in.pth', folder / 'out.pth', *words)


def loaded(folder):
    return read_checkpoint(str(folder / 'out.pth'))['state_dict']


def test_i3d_keeps_its_names(run, tmp_path, i3d):
    code, said = convert(run, tmp_path, dict(state_dict=i3d, epoch=3))
    assert code == 0, said
    assert 'is I3D of RGB' in said and 'but for the classifier (conv3d_0c_1x1.conv3d.weight)' in said
    assert "eps=1e-5), padding='fixed'" in said
    assert all(torch.equal(value, i3d[name]) for name, value in loaded(tmp_path).items())
    # It fills a backbone that ends earlier, and the parts that go on from there.
    init_cfg = dict(type='Pretrained', checkpoint=str(tmp_path / 'out.pth'))
    for module in (InceptionI3D(init_cfg=init_cfg), I3DSceneContext(init_cfg=init_cfg)):
        module.init_weights()


def test_the_other_naming_and_flow(run, tmp_path):
    flow = InceptionI3D(in_channels=2, final_endpoint='Mixed_5c').state_dict()
    code, said = convert(run, tmp_path, {**other_naming(flow), 'logits.conv3d.bias': torch.zeros(400)})
    assert code == 0, said
    assert 'is I3D of optical flow' in said and 'in_channels=2' in said
    assert "eps=1e-3), padding='same'" in said
    assert all(torch.equal(value, flow[name]) for name, value in loaded(tmp_path).items())


@pytest.mark.parametrize('channels', [3, 10, 13])
def test_vgg(run, tmp_path, vgg, channels):
    content = {**(conv_modules(vgg) if channels == 10 else vgg), 'classifier.6.bias': torch.zeros(1000)}
    code, said = convert(run, tmp_path, content, *(['--in-channels', channels] if channels > 3 else []))
    assert code == 0, said
    assert f"type='FrameVGG', in_channels={channels}" in said and 'classifier (classifier.6.bias)' in said
    model = FrameVGG(in_channels=channels)
    model.load_state_dict(loaded(tmp_path))
    first = vgg['features.0.weight']
    assert torch.equal(model.features[0].weight, inflate_first_layer(first, channels))


def test_what_does_not_fit_is_listed_and_nothing_written(run, tmp_path, i3d, vgg):
    lacking = {name: weight for name, weight in i3d.items() if not name.startswith('mixed_5c.branch_0')}
    norm = {**vgg, 'features.1.running_mean': torch.zeros(64)}
    for content, message in [
        (lacking, "5 of the model's 342 parameters and buffers are not in the file"),
        ({
            **i3d, 'mixed_6a.branch_0.conv3d.weight': torch.zeros(1)
        }, 'mixed_6a.branch_0.conv3d.weight'),
        ({
            **i3d, 'mixed_5b.branch_0.conv3d.weight': torch.zeros(1)
        }, '256x832x1x1x1'),
        (norm, '1 weights of the file have no place in the model'),
        (dict(vgg, **{'features.30.weight': torch.zeros(1)}), 'features.30.weight'),
    ]:
        code, said = convert(run, tmp_path, content)
        assert code == 1 and message in said and 'Nothing is written' in said
        assert [path.name for path in tmp_path.iterdir()] == ['in.pth']


def test_other_files(run, tmp_path, i3d):
    part = {'a': torch.zeros(1)}
    for content, message in [
        (dict(base_net=part, context_net=part, det_net0=part), 'tools/convert/nvlabs_to_mmstep.py'),
        ({
            'conv1.weight': torch.zeros(1),
            'layer1.0.conv1.weight': torch.zeros(1)
        }, 'ResNet in the naming of torchv'),
        (dict(state_dict={
            'backbone.x': torch.zeros(1),
            'cls_head.x': torch.zeros(1)
        }), 'a recogniser of MMAction2'),
    ]:
        code, said = convert(run, tmp_path, content)
        assert code == 1 and 'not I3D or VGG16' in said and message in said
    code, said = convert(run, tmp_path, i3d, '--in-channels', 10)
    assert code == 1 and '--in-channels is for VGG16, and this is I3D of RGB' in said
    vgg = {'features.0.weight': torch.zeros(64, 13, 3, 3)}
    code, said = convert(run, tmp_path, vgg, '--in-channels', 10)
    assert code == 1 and '13 channels cannot be inflated to 10' in said
    assert [path.name for path in tmp_path.iterdir()] == ['in.pth']
