"""Annotated persons beside detected ones."""
import numpy as np

from mmstep.visualization import DetectedPerson, draw_comparison
from mmstep.visualization.comparison import ANNOTATED, RIGHT, WRONG, draw_dashed_box


def has_color(picture, color):
    return bool((picture == np.array(color)).all(axis=2).any())


def halves(annotated, detected):
    picture = np.full((240, 320, 3), 90, np.uint8)
    drawn = draw_comparison(picture, annotated, detected, ('a.mp4, second 3: annotated', 'detected' + ' x' * 500))
    assert (picture == 90).all() and drawn.dtype == np.uint8
    left, right = drawn[-246:-6, 6:326], drawn[-246:-6, 332:652]
    assert drawn.shape[1] == 658 and left.shape == right.shape == picture.shape
    return left, right


def test_colors_tell_right_wrong_and_annotated_apart():
    annotated = [((20, 30, 80, 200), ['stand', 'wave'])]
    for right in (True, False):
        person = DetectedPerson((150, 40, 220, 210), [('stand', 0.8)], right)
        left, right_half = halves(annotated, [person])
        assert has_color(left, ANNOTATED) and not has_color(left, RIGHT) and not has_color(left, WRONG)
        assert has_color(right_half, ANNOTATED)
        assert has_color(right_half, RIGHT) == right and has_color(right_half, WRONG) != right


def test_nobody():
    left, right = halves([], [])
    assert (left == 90).all() and (right == 90).all()


def test_dashes_leave_gaps():
    picture = np.zeros((100, 100, 3), np.uint8)
    draw_dashed_box(picture, (10, 20, 90, 80), (255, 255, 255))
    top = picture[20, 10:90, 0]
    assert 0.3 < (top > 0).mean() < 0.8 and top[0] == 255
    assert not picture[21:80, 11:90].any() and not picture[:20].any()
    draw_dashed_box(picture, (-30, -30, 500, 500), (255, 255, 255))  # leaves the picture
