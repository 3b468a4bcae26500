"""OpenMMLab's checkpoints fit the backbones of the configs that begin from them."""
from pathlib import Path

import mmaction
import pytest
import torch
import yaml
from helpers.agreement import shapes_only
from helpers.mini_forms import ROOT
from helpers.mini_overrides import OVERRIDES, make_small, merge
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope

ZOO = Path(mmaction.__file__).parent / '.mim/configs'
# Our config: the recogniser whose checkpoint it begins from, a detector on AVA with the same backbone, and the name in
# mini_overrides of what makes it small.
CASES = {
    'step_slowonly-r50_ava': (
        'recognition/slowonly/slowonly_imagenet-pretrained-r50_8xb16-8x8x1-steplr-150e_kinetics400-rgb.py',
        'detection/slowonly/slowonly_k400-pre-r50_8xb8-8x8x1-10e_ava-kinetics-rgb.py', 'step_slowonly-r101_ava'),
    'step_slowfast-r50_ava': ('recognition/slowfast/slowfast_r50_8xb8-8x8x1-256e_kinetics400-rgb.py',
                              'detection/slowfast/slowfast_kinetics400-pretrained-r50_8xb8-8x8x1-20e_ava21-rgb.py',
                              'step_slowfast-r50_ava_two-stage-pretrain'),
    'step_vit-b_ava': ('recognition/videomae/vit-base-p16_videomae-k400-pre_16x4x1_kinetics-400.py',
                       'detection/videomae/vit-base-p16_videomae-k400-pre_8xb8-16x4x1-20e-adamw_ava-kinetics-rgb.py',
                       'step_vit-l_ava'),
}
# A recogniser's last norm has no counterpart in a detector, nor has a detector's in it; MMAction2's are like that.
OWN_NORM = {'backbone.norm.weight', 'backbone.norm.bias'}


def zoo_weights(config):
    """Address of a config's checkpoint in MMAction2's model zoo."""
    metafile = yaml.safe_load((ZOO / config).parent.joinpath('metafile.yml').read_text(encoding='utf-8'))
    model, = [model for model in metafile['Models'] if model['Config'] == f'configs/{config}']
    return model['Weights']


def shapes(cfg):
    """Names and shapes of the backbone in checkpoints."""
    with DefaultScope.overwrite_default_scope('mmaction'), shapes_only():
        backbone = MODELS.build({**cfg, 'pretrained': None})
    return {f'backbone.{name}': tuple(value.shape) for name, value in backbone.state_dict().items()}


@pytest.mark.parametrize('name', CASES)
def test_names_and_shapes_are_those_of_the_model_zoo(name):
    recogniser, detector, _ = CASES[name]
    cfg = Config.fromfile(str(ROOT / f'configs/step/{name}.py')).model
    ours = shapes(cfg.backbone)
    assert cfg.init_cfg.checkpoint == zoo_weights(recogniser)
    assert ours == shapes(Config.fromfile(str(ZOO / detector)).model.backbone)
    theirs = shapes(Config.fromfile(str(ZOO / recogniser)).model.backbone)
    assert {key: shape for key, shape in ours.items() if theirs.get(key) != shape}.keys() <= OWN_NORM
    assert len(ours) > 150


@pytest.mark.parametrize('name', CASES)
def test_a_recognisers_checkpoint_is_loaded(name, tmp_path):
    recogniser, _, small = CASES[name]
    cfg = Config.fromfile(str(ROOT / f'configs/step/{name}.py'))
    make_small(cfg, small, 'data/mini')
    source = Config.fromfile(str(ZOO / recogniser)).model
    merge(source, dict(backbone=dict(OVERRIDES[small]('data/mini')[0]['model']['backbone'], pretrained=None)))
    torch.manual_seed(1)
    trained = {
        key: torch.randn_like(value) if value.is_floating_point() else value
        for key, value in MODELS.build(source).state_dict().items()
    }
    torch.save(dict(state_dict=trained, meta={}), tmp_path / 'recogniser.pth')

    model = MODELS.build(
        dict(cfg.model, init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'recogniser.pth'))))
    model.init_weights()
    found = {key: value for key, value in model.state_dict().items() if key.startswith('backbone.')}
    differing = {key for key, value in found.items() if key not in trained or not torch.equal(value, trained[key])}
    assert differing == (OWN_NORM if 'vit' in name else set())
    # What the checkpoint lacks is initialised all the same: regression begins near zero.
    assert model.roi_head.bbox_head[0].fc_reg.weight.abs().max() < 0.01


def test_the_positions_of_vit_are_those_of_the_checkpoint():
    """A clip has as many tokens as a video of the recogniser, so that its table of positions fits."""
    cfg = Config.fromfile(str(ROOT / 'configs/step/step_vit-b_ava.py'))
    window, = [t for t in cfg.train_pipeline if t.type == 'SampleTubeWindow']
    assert cfg.model.clip_features == 'independent'
    assert window.clip_len == cfg.model.backbone.num_frames
    assert window.temporal_stride == cfg.model.backbone.tubelet_size
