"""Detections of each step in a data sample: written and read by one pair."""
import pytest
import torch
from mmaction.structures import ActionDataSample
from mmengine.structures import InstanceData

from mmstep.structures import add_step_predictions, prediction_keys, step_predictions


def results(count):
    return [InstanceData(scores=torch.full((1, 2), float(step))) for step in range(1, count + 1)]


@pytest.mark.parametrize('as_dict', [False, True], ids=['data_sample', 'dict'])
def test_what_is_added_is_read_again_in_order(as_dict):
    """Twelve steps: in the order of the text, step 10 would come before step 2."""
    sample, steps = ActionDataSample(), results(12)
    add_step_predictions(sample, steps)
    sample = sample.to_dict() if as_dict else sample
    read = step_predictions(sample)
    scores = [(step['scores'] if as_dict else step.scores).max() for step in read]
    assert scores == list(range(1, 13))
    assert prediction_keys(sample) == ['pred_instances'] + [f'pred_instances_step{step}' for step in range(1, 13)]


def test_last_step_is_the_prediction():
    sample, steps = ActionDataSample(), results(3)
    add_step_predictions(sample, steps)
    assert sample.pred_instances is steps[-1] and sample.pred_instances_step3 is steps[-1]


def test_one_result_is_the_prediction_alone():
    sample, steps = ActionDataSample(), results(1)
    add_step_predictions(sample, steps)
    assert sample.pred_instances is steps[0]
    assert step_predictions(sample) == [] and prediction_keys(sample) == ['pred_instances']


def test_sample_without_predictions():
    assert step_predictions(ActionDataSample()) == [] and prediction_keys(dict(video_id='v')) == []
