"""Boxes laid onto feature frames, and between annotated seconds, worked out by hand."""
import numpy as np

from mmstep.datasets.transforms.feature_frames import (interpolate_boxes, repeat_nearest_valid,
                                                       scatter_to_feature_frames, window_seconds)


def boxes_at(*x1):
    """One person, a box of side 1 at each x1, (1, K, 4)."""
    return np.array([[[x, 0, x + 1, 1] for x in x1]], np.float32)


def test_of_two_annotations_in_a_feature_frame_the_nearer_to_its_middle_counts():
    boxes, valid = scatter_to_feature_frames(boxes_at(1, 2, 3), np.ones((1, 3), bool), np.array([0, 2, 7]), 12, 4)
    assert boxes[0, :, 0].tolist() == [2, 3, 0]
    assert valid.tolist() == [[True, True, False]]


def test_annotations_outside_of_the_window_and_missing_ones_are_left_out():
    boxes, valid = scatter_to_feature_frames(
        boxes_at(1, 2, 3), np.array([[True, False, True]]), np.array([-1, 1, 12]), 12, 4)
    assert not valid.any() and not boxes.any()


def test_boxes_between_two_seconds_move_evenly():
    boxes, valid = interpolate_boxes(boxes_at(0, 12), np.ones((1, 2), bool), np.array([0, 12]), np.array([3, 6]), 12)
    assert boxes[0].tolist() == [[3, 0, 4, 1], [6, 0, 7, 1]]
    assert valid.all()


def test_a_missing_second_breaks_the_tube():
    valid = np.array([[True, False, True]])
    found = interpolate_boxes(boxes_at(0, 0, 24), valid, np.array([0, 12, 24]), np.array([6, 18]), 12)[1]
    assert not found.any()


def test_two_annotations_too_far_apart_say_nothing_of_the_time_between():
    assert not interpolate_boxes(boxes_at(0, 24), np.ones((1, 2), bool), np.array([0, 24]), np.array([6]), 12)[1].any()


def test_one_annotation_is_not_continued():
    assert not interpolate_boxes(boxes_at(5), np.ones((1, 1), bool), np.array([6]), np.array([6, 7]), 12)[1].any()


def test_gaps_are_filled_from_the_nearest_frame_the_earlier_of_two():
    filled = repeat_nearest_valid(boxes_at(9, 1, 9, 4, 9), np.array([[False, True, False, True, False]]))
    assert filled[0, :, 0].tolist() == [1, 1, 1, 4, 4]


def test_the_seconds_of_a_window_reach_one_beyond_it():
    assert window_seconds(1, 1.0).tolist() == [-1, 0, 1]
    assert window_seconds(5, 1.0).tolist() == [-3, -2, -1, 0, 1, 2, 3]
