"""Tests of mmstep.evaluation.window_tubelets.

From the predictions of windows to tubelets in the coordinates of the annotations.
"""
import numpy as np

from mmstep.evaluation.window_tubelets import centre_clip_boxes, to_annotation_pixels


def line(length):
    """A tube whose coordinates are the number of the feature frame."""
    return np.arange(length, dtype=float)[None, :, None].repeat(4, axis=2)


def test_centre_clip_of_a_box_per_frame():
    assert centre_clip_boxes(line(6), 6)[0, :, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert centre_clip_boxes(line(18), 6)[0, :, 0].tolist() == [6, 7, 8, 9, 10, 11]
    assert centre_clip_boxes(line(18)[:0], 6).shape == (0, 6, 4)


def test_boxes_between_feature_frames_are_interpolated():
    # Three feature frames of four frames each; the middle frame of each has its box, the ends repeat.
    boxes = centre_clip_boxes(line(3), 12, 4)[0, :, 0]
    assert boxes[[2, 6, 10]].tolist() == [0, 1, 2]
    assert boxes.tolist() == [0, 0, 0, .25, .5, .75, 1, 1.25, 1.5, 1.75, 2, 2]
    # In an extended tube the neighbours are known.
    assert centre_clip_boxes(line(9), 12, 4)[0, [0, 11], 0].tolist() == [2.5, 5.25]


def test_pixels_of_the_annotations():
    whole = to_annotation_pixels(np.array([[0., 0, 400, 400]]), (400, 400), (240, 320))
    assert whole.tolist() == [[0, 0, 319, 239]] and whole.dtype == np.float32
