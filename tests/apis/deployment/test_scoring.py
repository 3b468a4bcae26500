"""Scoring on a config's validation data."""
import pytest
import torch
from mmaction.registry import DATASETS, METRICS
from mmengine.config import Config
from mmengine.evaluator import BaseMetric

from mmstep.apis.deployment.scoring import score_detector
from mmstep.errors import LaunchError


@DATASETS.register_module()
class FiveNumbers:
    """0 to 4."""

    def __len__(self):
        return 5

    def __getitem__(self, index):
        return index


@METRICS.register_module()
class ShareOf(BaseMetric):
    """How much of 20 the predictions sum up to, under some names."""

    def __init__(self, names):
        super().__init__()
        self.names = names

    def process(self, data_batch, data_samples):
        self.results += [sample['value'] for sample in data_samples]

    def compute_metrics(self, results):
        return {name: sum(results) / 20 for name in self.names}


class Doubling:
    """A model."""

    @staticmethod
    def test_step(batch):
        return [dict(value=2 * int(item)) for item in torch.as_tensor(batch)]


def config(*names):
    loader = dict(
        batch_size=2,
        num_workers=0,
        dataset=dict(type='FiveNumbers'),
        sampler=dict(type='DefaultSampler', shuffle=False))
    return Config(dict(val_dataloader=loader, val_evaluator=dict(type='ShareOf', names=names)))


def test_points_of_the_last_step():
    name, value = score_detector(Doubling(), config('step1/overall', 'step2/overall', 'step2/AP/walk'))
    assert (name, value) == ('step2/overall', 100)


def test_no_map():
    with pytest.raises(LaunchError, match='val_evaluator gives none of overall, frame-mAP@0.5, but accuracy'):
        score_detector(Doubling(), config('accuracy'))
    with pytest.raises(LaunchError, match='no val_dataloader'):
        score_detector(Doubling(), Config(dict()))
