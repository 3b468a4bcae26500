"""Tests of mmstep.evaluation.frame_map: Frame-mAP: average precision over the boxes of single frames."""
import numpy as np
import pytest
from helpers.tube_cases import one_tube, random_case

from mmstep.evaluation import frame_map
from mmstep.evaluation.frame_map import FrameScorer
from mmstep.evaluation.rules import RULES
from mmstep.structures import Tubelets


def test_absent_classes_are_none_and_not_in_the_mean():
    truth, tubelets = random_case(1)
    result = frame_map(truth, tubelets)[0.5]
    assert result['class2'] is None
    assert result['mAP'] == pytest.approx(np.mean([result['class0'], result['class1']]))


def test_frame_ap_by_hand():
    truth = one_tube(2)
    # Frame 1: hit at .9, miss at .8 in a place of its own; frame 2: only a box that overlaps too little.
    boxes = np.array([[[0., 0, 9, 9]], [[12., 12, 19, 19]], [[0., 0, 9, 3]]])
    tubelets = Tubelets(np.zeros(3, int), np.array([1, 1, 2]), boxes, np.array([[.9, 0], [.8, 0], [.7, 0]]))
    result = frame_map(truth, tubelets, iou_thrs=(0.5, 0.4))
    assert result[0.5]['a'] == pytest.approx(0.5)
    # With 0.4 the third hits: points (0, 1), (.5, 1), (.5, .5), (1, 2/3).
    assert result[0.4]['a'] == pytest.approx(0.5 + 0.5 * (0.5 + 2 / 3) / 2)


def test_plus_one_is_an_option():
    truth = one_tube(1)
    tubelets = Tubelets(np.zeros(1, int), np.ones(1, int), np.array([[[0., 0, 9, 4]]]), np.array([[.9, 0]]))
    assert frame_map(truth, tubelets)[0.5]['mAP'] == 1
    assert frame_map(truth, tubelets, dict(plus_one=False))[0.5]['mAP'] == 0


def test_soft_nms_keeps_the_duplicate():
    truth = one_tube(1)
    boxes = np.array([[[0., 0, 9, 9]], [[0., 0, 9, 8]]])
    tubelets = Tubelets(np.zeros(2, int), np.ones(2, int), boxes, np.array([[.9, 0], [.8, 0]]))
    assert frame_map(truth, tubelets, 'act')[0.5]['mAP'] == 1
    assert frame_map(truth, tubelets, 'moc')[0.5]['mAP'] == 1  # the second comes after full recall
    wrong_first = tubelets._replace(boxes=boxes[::-1], scores=np.array([[.9, 0], [.95, 0]]))
    assert frame_map(truth, wrong_first, 'moc')[0.5]['mAP'] == 1


def test_a_suppressed_copy_still_counts_with_soft_nms():
    """Its score falls to 0, and it finds the second of two actors in the same place."""
    truth = one_tube(1)
    truth = truth._replace(
        rows=truth.rows.repeat(2, axis=0),
        row_tube=np.arange(2),
        tube_video=np.zeros(2, int),
        tube_label=np.zeros(2, int))
    boxes = np.tile([0., 0, 9, 9], (2, 1, 1))
    tubelets = Tubelets(np.zeros(2, int), np.ones(2, int), boxes, np.array([[.9, 0], [.8, 0]]))
    assert frame_map(truth, tubelets, 'moc')[0.5]['mAP'] == 1
    assert frame_map(truth, tubelets, 'act')[0.5]['mAP'] == 0.5


def test_boxes_beyond_the_video_do_not_count():
    truth = one_tube(2)._replace(nframes=np.array([2]))
    tubelets = Tubelets(np.zeros(1, int), np.ones(1, int), np.tile([0., 0, 9, 9], (1, 6, 1)), np.array([[.9, 0]]))
    assert frame_map(truth, tubelets)[0.5]['mAP'] == 1


def test_a_video_is_scored_once():
    truth, tubelets = random_case(0, num_videos=1)
    scorer = FrameScorer(truth, RULES['act'], [0.5])
    scorer.add(0, tubelets)
    with pytest.raises(ValueError, match='video video0 was scored before'):
        scorer.add(0, tubelets)
