"""Whether an export gives what the model gives."""
import pytest
import torch

from mmstep.apis.deployment import Tolerance
from mmstep.apis.deployment.agreement import compare_steps, require_agreement
from mmstep.apis.deployment.graphs import Part
from mmstep.errors import LaunchError

NAMES = ['scores_step1', 'tubes_step1']


class Sums(torch.nn.Module):
    """Scores and tubes of a window that tell its pixels."""

    def forward(self, frames):
        mean = frames.float().mean(dim=(1, 2, 3, 4))
        return mean.view(-1, 1, 1), mean.view(-1, 1, 1, 1).expand(-1, 1, 2, 4)


def compare(theirs):
    part = Part(Sums(), torch.zeros(2, 3, 4, 8, 8), {}, NAMES)
    return compare_steps(dict(window=part), dict(window=theirs), torch.rand(3, 3, 4, 8, 8), 1)


def test_the_largest_difference_of_each_step():

    def theirs(batch):
        scores, tubes = Sums()(batch)
        scores, tubes = scores.clone(), tubes.clone()
        scores[-1] += 0.25
        tubes[0, 0, 1, 3] -= 2
        return dict(zip(NAMES, (scores, tubes)))

    step, = compare(theirs)
    assert step['step'] == 'step1'
    assert step['score'] == pytest.approx(0.25) and step['px'] == pytest.approx(2)


def test_what_is_no_number_agrees_with_nothing():
    step, = compare(lambda batch: dict(zip(NAMES, (part * float('nan') for part in Sums()(batch)))))
    assert step['score'] == step['px'] == float('inf')


def test_more_than_the_tolerance_is_refused_with_the_worst_step():
    steps = [dict(step='step1', score=1e-6, px=0.2), dict(step='step2', score=0.5, px=0.01)]
    require_agreement(steps, Tolerance(score=0.5, px=0.2), 'a.onnx')
    with pytest.raises(LaunchError, match='a.onnx is not written: step2 differs from the model by 0.5 in score'):
        require_agreement(steps, Tolerance(score=0.1, px=1), 'a.onnx')
