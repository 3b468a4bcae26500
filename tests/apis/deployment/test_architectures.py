"""Other backbones become ONNX files that agree with them: the configs, narrow and with small pictures."""
import pytest
import torch
from helpers.mini_forms import CLASSES
from helpers.mini_overrides import merge, step_head

from mmstep.apis import init_detector
from mmstep.apis.config_reading import transforms_of_test
from mmstep.apis.deployment import export_onnx, read_info
from mmstep.engine.config_files import load_config

pytestmark = pytest.mark.slow
VGG = (8, 8, 8, 16, 16)
# Model name -> what makes it narrow, and its files.
NARROW = {
    'step_vgg16_ucf101-24_rgb': (dict(
        backbone=dict(channels=VGG, init_cfg=None),
        roi_head=dict(
            scene_context=dict(in_channels=VGG[-1]),
            bbox_head=dict(
                in_channels=VGG[-1],
                context_channels=VGG[-1],
                global_branch=dict(in_channels=2 * VGG[-1], channels=16),
                local_branch=dict(channels=16, inner_channels=8, num_blocks=1)))), ('heads', 'clips')),
    'step_slowonly-r50_ava': (dict(init_cfg=None, backbone=dict(depth=50, base_channels=4),
                                   roi_head=step_head(128)), ('window', )),
    'step_vit-b_ava': (dict(init_cfg=None, backbone=dict(embed_dims=32, depth=2, num_heads=4),
                            roi_head=step_head(32)), ('heads', 'clips')),
}


def narrow_config(name):
    cfg = load_config(name)
    merge(cfg, dict(model=NARROW[name][0]))
    cfg.class_names = [f'class {number}' for number in range(24)] if 'vgg16' in name else list(CLASSES)
    for transform in transforms_of_test(cfg):
        if transform['type'] in ('Resize', 'TubeResize'):
            transform['scale'] = (64, 64)
    return cfg


@pytest.mark.parametrize('name', NARROW)
def test_exported_files_agree_with_the_model(name, tmp_path):
    for package in ('onnxscript', 'onnxruntime'):
        pytest.importorskip(package)
    torch.manual_seed(0)
    model = init_detector(narrow_config(name), device='cpu')
    for head in model.roi_head.bbox_head:  # that move the boxes, as those of a trained model do
        torch.nn.init.normal_(head.fc_reg.weight, std=0.05)
    report = export_onnx(model, str(tmp_path / 'model.onnx'))
    info = read_info(str(tmp_path / 'model.onnx'))
    assert tuple(info.files) == NARROW[name][1] and len(report['steps']) == 3
    assert all(step['score'] < 1e-4 and step['px'] < 0.05 for step in report['steps'])
