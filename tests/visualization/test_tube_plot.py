"""Tubes in three dimensions."""
import numpy as np
import pytest

from mmstep.visualization import PersonTube, person_color, plot_tubes
from mmstep.visualization.tube_plot import MAX_LEGEND, box_corners, evenly_spaced


def tube(person_id, times=(0.0, 1.0, 2.0), box=(10, 20, 60, 90)):
    return PersonTube(person_id, f'action {person_id}', np.array(times),
                      np.tile(np.array(box, float), (len(times), 1)))


def of_color(picture, person_id):
    """Number of pixels in about the color in which a person's lines are drawn."""
    color = np.array(person_color(person_id)) * 0.85
    return (np.abs(picture.astype(float) - color).max(axis=-1) < 12).sum()


def test_each_person_has_its_color():
    picture = plot_tubes([tube(0), tube(3, box=(100, 20, 150, 90))], (200, 100), 2.5)
    assert picture.dtype == np.uint8 and picture.shape[2] == 3 and picture.shape[0] < picture.shape[1]
    assert of_color(picture, 0) > 200 and of_color(picture, 3) > 200 and of_color(picture, 1) < 20


def test_frame_of_the_video_stands_behind_the_tubes():
    blue = np.full((100, 200, 3), (0, 0, 255), np.uint8)
    picture = plot_tubes([tube(0, times=(1.0, 2.0))], (200, 100), 2.5, [(0.0, blue)], 'video.mp4')
    assert ((picture[..., 2] > 200) & (picture[..., 0] < 50)).sum() > 2000


@pytest.mark.parametrize('tubes', [[], [tube(0, times=(1.0, ))]])
def test_nobody_and_a_single_box(tubes):
    assert plot_tubes(tubes, (200, 100), 0.04).shape[2] == 3


def test_many_persons_and_boxes():
    tubes = [tube(index, times=np.arange(0, 50, 0.1)) for index in range(MAX_LEGEND + 1)]
    assert plot_tubes(tubes, (200, 100), 50.0).any()


def test_corners_are_time_x_y():
    corners = box_corners(np.array([5.0]), np.array([[1.0, 2.0, 3.0, 4.0]]))
    np.testing.assert_array_equal(corners, [[[5, 1, 2], [5, 3, 2], [5, 3, 4], [5, 1, 4]]])


@pytest.mark.parametrize('count,most,expected', [(0, 5, []), (1, 5, [0]), (3, 5, [0, 1, 2]), (9, 3, [0, 4, 8])])
def testevenly_spaced(count, most, expected):
    assert evenly_spaced(count, most).tolist() == expected
