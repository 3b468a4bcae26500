"""Detectors that compute in bfloat16."""
import copy
from pathlib import Path

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from mmstep.errors import LaunchError
from mmstep.models.low_precision import set_dtype

CONFIG = Path(__file__).parents[2] / 'configs/step/step_tiny_mini-ava.py'


@pytest.fixture
def model():
    return MODELS.build(Config.fromfile(CONFIG).model).eval()


@torch.no_grad()
def test_features_are_bfloat16_and_outputs_are_not(model):
    frames = torch.randn(1, 3, 36, 64, 64)
    wanted = model(frames, mode='tensor')
    # A copy computes with its own weights.
    low = copy.deepcopy(set_dtype(model, 'bf16'))
    model.backbone = None
    assert low.extract_feat(frames).dtype == torch.bfloat16
    found = low(frames, mode='tensor')
    for step, exact in zip(found, wanted):
        assert step.scores.dtype == step.tubes.dtype == torch.float32
        assert 0 < (step.scores - exact.scores).abs().max() < .02
        assert (step.tubes - exact.tubes).abs().max() < 2


def test_fp32_changes_nothing(model):
    set_dtype(model, 'fp32')
    assert 'forward' not in vars(model.backbone)


def test_unknown_type(model):
    with pytest.raises(LaunchError, match="'int8' is unknown; choose fp32, bf16, fp16"):
        set_dtype(model, 'int8')
