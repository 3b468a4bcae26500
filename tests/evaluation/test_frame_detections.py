"""Tests of mmstep.evaluation.frame_detections: the boxes of single frames that tubelets make."""
import numpy as np
import pytest
from helpers.tube_cases import random_case

from mmstep.evaluation import frame_detections as module
from mmstep.evaluation.frame_detections import frame_detections
from mmstep.evaluation.rules import RULES
from mmstep.structures import Tubelets


def test_boxes_of_all_tubelets_that_cover_a_frame():
    boxes = np.zeros((2, 2, 4)) + [0, 0, 9, 9]
    boxes[1] += 50
    tubelets = Tubelets(np.zeros(2, int), np.array([1, 2]), boxes, np.array([[.5, 0], [.7, .6]]))
    found = frame_detections(tubelets, 2, 9, RULES['act'])
    assert found.frame.tolist() == [2, 3, 2, 3, 1, 2]
    assert found.label.tolist() == [0, 0, 1, 1, 0, 0]
    assert found.score.tolist() == [.7, .7, .6, .6, .5, .5]
    assert set(frame_detections(tubelets, 2, 2, RULES['act']).frame.tolist()) == {1, 2}
    assert len(frame_detections(tubelets, 2, 0, RULES['act']).frame) == 0


@pytest.mark.parametrize('rules', ['act', 'moc'])
@pytest.mark.parametrize('specific', [False, True])
def test_size_of_the_chunks_does_not_matter(monkeypatch, rules, specific):
    _, tubelets = random_case(0, num_videos=1, specific=specific)
    whole = frame_detections(tubelets, 3, 40, RULES[rules])
    monkeypatch.setattr(module, 'CHUNK', 1)
    for found, expected in zip(frame_detections(tubelets, 3, 40, RULES[rules]), whole):
        assert np.array_equal(found, expected)


@pytest.mark.parametrize('rules', ['act', 'moc'])
def test_boxes_of_a_class_are_as_scores_of_one_class(rules):
    _, tubelets = random_case(1, num_videos=1, specific=True)
    scores = np.eye(3)[tubelets.label] * tubelets.scores[:, None]
    for found, expected in zip(
            frame_detections(tubelets, 3, 40, RULES[rules]),
            frame_detections(tubelets._replace(scores=scores, label=None), 3, 40, RULES[rules])):
        assert np.array_equal(found, expected)


def test_single_precision():
    """MOC keeps float32; ACT the precision that it is given."""
    one = Tubelets(np.zeros(1, int), np.ones(1, int), np.array([[[10.123456789, 20, 30, 40]]]), np.array([[0.1]]))
    exact, rounded = (frame_detections(one, 1, 1, RULES[rules]) for rules in ('act', 'moc'))
    assert exact.boxes[0, 0] == 10.123456789 and exact.score[0] == 0.1
    assert rounded.boxes[0, 0] == np.float32(10.123456789) and rounded.score[0] == np.float32(0.1)
