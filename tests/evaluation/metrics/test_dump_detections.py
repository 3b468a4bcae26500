"""Tests of mmstep.evaluation.metrics.dump_detections.

Writes predictions to a file from which they can be scored again without the model.
"""
import numpy as np
import torch
from mmengine.evaluator import Evaluator

from mmstep.datasets.safe_pickle import load_pickle
from mmstep.evaluation.files import read_dump
from mmstep.evaluation.metrics import DumpDetections


def test_round_trip_without_tensors(tmp_path):
    path = str(tmp_path / 'dump.pkl')
    metric = DumpDetections(path)
    instances = dict(
        tubes=torch.rand(2, 6, 4, dtype=torch.bfloat16),
        scores=torch.rand(2, 4),
        labels=torch.tensor([1, 2]),
        name='x')
    metric.process(None, [
        dict(
            video_id='a',
            clip_start=3,
            img_shape=(400, 400),
            gt_tubes='left out',
            pred_instances=instances,
            pred_instances_step1=instances)
    ])
    assert metric.evaluate(1) == {}
    assert load_pickle(path)[0]['pred_instances'] == 'pred_instances_step1'  # the last step is there once
    window, = read_dump(path)
    assert set(window) == {'video_id', 'clip_start', 'img_shape', 'pred_instances', 'pred_instances_step1'}
    found = window['pred_instances']
    assert found['tubes'].dtype == np.float32 and np.array_equal(found['tubes'], instances['tubes'].float())
    assert found['labels'].dtype == np.int64 and found['name'] == 'x'


def test_other_metrics_are_given_all_the_same(tmp_path):
    """Scores are not lost where the predictions cannot be written."""
    (tmp_path / 'file').write_text('x')
    dump = DumpDetections(out_file_path=str(tmp_path / 'file' / 'a.pkl'))
    evaluator = Evaluator([dump])
    evaluator.process([dict(video_id='a')], None)
    assert evaluator.evaluate(1) == {}
    assert 'a.pkl cannot be written' in str(dump.failure)
