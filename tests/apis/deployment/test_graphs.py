"""The parts of a detector as functions of one tensor."""
import pytest
import torch
from helpers.exported import small_config, small_model
from mmaction.registry import MODELS

from mmstep.apis.deployment.graphs import build_parts, window_settings
from mmstep.apis.deployment.runtimes import run_parts
from mmstep.errors import LaunchError
from mmstep.structures import middle_frames

FRAMES = torch.randint(256, (2, 3, 36, 64, 64), dtype=torch.uint8)


def run(parts, frames):
    with torch.no_grad():
        return run_parts(
            {
                kind: lambda batch, part=part: dict(zip(part.outputs, part.module(batch)))
                for kind, part in parts.items()
            }, frames, 3)


@pytest.mark.parametrize('joint, one_file, kinds', [(False, False, ['clips', 'heads']), (False, True, ['window']),
                                                    (True, False, ['window'])])
def test_parts_give_what_the_model_gives(joint, one_file, kinds):
    model = small_model(joint)
    parts = build_parts(model, model.cfg, one_file)
    assert list(parts) == kinds
    found = run(parts, FRAMES)
    with torch.no_grad():
        wanted = model((FRAMES.float() - 127.5) / 127.5, None, mode='tensor')
    assert found['scores_step1'].shape == (2, 11, 9) and found['tubes_step2'].shape == (2, 11, 3, 4)
    for step, output in enumerate(wanted, 1):
        assert torch.allclose(found[f'scores_step{step}'].flatten(0, 1), output.scores, atol=1e-5)
        # Those of the target clip are what a detector for inference reports.
        assert torch.allclose(found[f'tubes_step{step}'].flatten(0, 1), middle_frames(output.tubes, 3), atol=1e-3)


def test_input_is_described():
    model = small_model()
    clips, heads = build_parts(model, model.cfg).values()
    assert clips.input == dict(
        name='frames',
        dtype='uint8',
        shape=[0, 3, 12, 64, 64],
        layout='batch, channels, frames, height, width',
        colors='RGB',
        mean=[127.5] * 3,
        std=[127.5] * 3)
    assert heads.input == dict(name='feats', dtype='float32', shape=[0, 64, 9, 4, 4])


def test_window_of_a_config():
    assert window_settings(small_config()) == dict(
        clip_len=12, num_clips=3, fps=12, temporal_stride=4, height=64, width=64)
    cfg = small_config()
    cfg.test_pipeline = [t for t in cfg.test_pipeline if t['type'] != 'Resize']
    with pytest.raises(LaunchError, match=r'has no Resize\(keep_ratio=False\)'):
        window_settings(cfg)


def test_flow_is_stacked_before():
    cfg = small_config(joint=True)
    cfg.model.data_preprocessor = dict(
        type='TwoStreamPreprocessor', mean=[127.5] * 3, std=[127.5] * 3, num_flows=5, flow_scale=2.)
    cfg.model.backbone.in_channels = 13
    part, = build_parts(MODELS.build(cfg.model).eval(), cfg).values()
    assert part.input['name'] == 'inputs' and part.input['dtype'] == 'float32'
    assert part.input['shape'] == [0, 13, 36, 64, 64] and part.example.shape == (2, 13, 36, 64, 64)


def test_tubes_of_others_are_refused():
    cfg = small_config()
    cfg.model.roi_head.prior_generator = dict(type='ProposalTubes')
    with pytest.raises(LaunchError, match='the initial tubes come from ProposalTubes'):
        build_parts(MODELS.build(cfg.model).eval(), cfg)
    with pytest.raises(LaunchError, match='Linear cannot be exported; a STEPDetector'):
        build_parts(torch.nn.Linear(1, 1), cfg)
