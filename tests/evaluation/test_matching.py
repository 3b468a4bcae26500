"""Tests of mmstep.evaluation.matching: greedy matching of detections, best first, with annotations."""
import numpy as np

from mmstep.evaluation.frame_detections import FrameDetections
from mmstep.evaluation.matching import match_boxes, match_overlaps


def test_rows_take_the_best_free_column():
    overlap = np.array([[.6, .7], [.2, .9], [.55, .1]])
    hits = match_overlaps(overlap, [0.5, 0.65, 0.95])
    assert hits.tolist() == [[True, True, False], [False, False, False], [True, False, False]]
    assert match_overlaps(np.zeros((2, 0)), [0.5]).tolist() == [[False], [False]]


def test_boxes_meet_only_in_their_frame_and_class():
    box = np.array([[0., 0, 9, 9]])
    found = FrameDetections(np.array([1, 1, 2, 1]), np.array([0, 1, 0, 0]), np.ones(4), box.repeat(4, axis=0))
    hits = match_boxes(found, np.array([1]), np.array([0]), box, [0.5], True)
    assert hits[:, 0].tolist() == [True, False, False, False]
    assert match_boxes(found, np.zeros(0, int), np.zeros(0, int), np.zeros((0, 4)), [0.5], True).shape == (4, 1)


def test_order_of_annotations_does_not_matter():
    """The first detection overlaps both equally; which one it takes decides on the second."""
    truth = np.array([[0., 0, 9, 9], [4, 0, 13, 9]])
    found = FrameDetections(
        np.ones(2, int), np.zeros(2, int), np.array([.9, .8]), np.array([[2., 0, 11, 9], truth[0]]))
    first, second = (
        match_boxes(found, np.ones(2, int), np.zeros(2, int), boxes, [0.5], True).tolist()
        for boxes in (truth, truth[::-1]))
    assert first == second
