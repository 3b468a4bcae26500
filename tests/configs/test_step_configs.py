"""The configs of configs/step."""
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mmaction.registry import DATASETS, METRICS, MODELS, TRANSFORMS
from mmengine.config import Config
from mmengine.registry import init_default_scope

ROOT = Path(__file__).parents[2]
CONFIGS = sorted((ROOT / 'configs/step').glob('*.py'))


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmaction')


@pytest.mark.parametrize('path', CONFIGS, ids=lambda p: p.stem)
def test_components_exist_and_agree(path):
    cfg = Config.fromfile(str(path))
    head = cfg.model.roi_head
    dataset = cfg.train_dataloader.dataset
    assert dataset.num_classes == head.bbox_head.num_classes + 1
    assert cfg.model.num_clips >= 1 + 2 * len(head.extend_at)
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        assert DATASETS.get(loader.dataset.type)
        transforms = [TRANSFORMS.build(t) for t in loader.dataset.pipeline]
        window, = [t for t in transforms if type(t).__name__ == 'SampleTubeWindow']
        assert window.num_clips == cfg.model.num_clips == loader.dataset.num_clips
    assert METRICS.get(cfg.val_evaluator.type)
    assert cfg.val_evaluator.num_steps == head.num_steps
    assert 'base_batch_size' in cfg.auto_scale_lr


@pytest.mark.parametrize('path', [p for p in CONFIGS if 'tiny' in p.stem], ids=lambda p: p.stem)
def test_small_models_build(path):
    model = MODELS.build(Config.fromfile(str(path)).model)
    assert sum(p.numel() for p in model.parameters()) < 1e6


@pytest.mark.slow
@pytest.mark.parametrize('path', [p for p in CONFIGS if 'i3d' in p.stem], ids=lambda p: p.stem)
def test_full_size_models_build(path):
    model = MODELS.build(Config.fromfile(str(path)).model)
    assert model.backbone.out_channels == 832
    assert model.roi_head.bbox_head[0].fc_cls.weight.shape == (60, 256 * 49 + 1024)


@pytest.mark.slow
def test_one_full_window_tests_and_trains_within_memory():
    """36 x 400 x 400 on the CPU: under 4 GiB in testing and 12 GiB in training."""
    script, config = 'tools/analysis_tools/benchmark_step.py', 'configs/step/step_i3d_ava.py'
    command = [sys.executable, script, config, '--repeat', '1']
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    peak = {row[0]: float(row[-1]) for row in re.findall(r'^(\w+) +([\d.]+) +([\d.]+) +([\d.]+)$', out, re.M)}
    assert peak['test'] < 4 and peak['train'] < 12, out
