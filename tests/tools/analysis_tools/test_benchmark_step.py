"""Benchmark of one window: what it measures, and on what."""
from pathlib import Path

import benchmark_step
import pytest
import torch
from mmengine.config import Config

ROOT = Path(__file__).parents[3]


def load(name):
    return Config.fromfile(ROOT / 'configs' / 'step' / f'{name}.py')


@pytest.mark.parametrize('name, frames, size', [('step_tiny_mini-ava', 36, 128), ('step_vgg16_jhmdb_rgb', 30, 400)])
def test_windows_are_those_of_the_test_pipeline(name, frames, size):
    cfg = load(name)
    batch = benchmark_step.random_batch(cfg, 2)
    assert [tuple(window.shape) for window in batch['inputs']] == [(3, frames, size, size)] * 2
    tubes = batch['data_samples'][0].gt_tubes
    assert tubes.bboxes.shape[0] == 2 and float(tubes.bboxes.max()) <= size
    # Softmax heads take one class a tube, the others a class vector.
    assert tubes.labels.dim() == (1 if 'jhmdb' in name else 2)


def test_fusions_are_only_tested():
    cfg = load('step_tiny_mini-ucf_late')
    assert benchmark_step.parts(cfg) == ('backbone', 'test')
    assert benchmark_step.parts(load('step_tiny_mini-ucf')) == ('backbone', 'test', 'train')
    inputs = benchmark_step.random_batch(cfg, 1)['inputs']
    assert inputs['imgs'][0].dtype == torch.uint8
    assert inputs['flows'][0].shape[:2] == (2, inputs['imgs'][0].shape[1] + 4)
