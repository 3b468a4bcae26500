"""Lines of status on a picture."""
import numpy as np
import pytest

from mmstep.visualization import draw_status, status_area


@pytest.mark.parametrize('shape', [(240, 320), (1080, 1920)])
def test_lines_lie_in_their_area(shape):
    image = np.full((*shape, 3), 200, np.uint8)
    lines = ['14.9 fps', 'no picture comes any more']
    draw_status(image, lines)
    changed = np.argwhere((image != 200).any(axis=-1))
    x1, y1, x2, y2 = status_area(shape[1], shape[0], lines)
    assert changed.min() == 0 and changed[:, 0].max() == y2 - 1 and changed[:, 1].max() == x2 - 1
    assert image.max() == 255


def test_too_long_a_line_is_cut_to_the_picture():
    image = np.full((120, 160, 3), 200, np.uint8)
    draw_status(image, ['x' * 500])
    assert status_area(160, 120, ['x' * 500])[2] == 160
    assert (image[0] != 200).any() and (image[60:] == 200).all()


def test_no_lines():
    image = np.full((120, 160, 3), 200, np.uint8)
    draw_status(image, [])
    assert (image == 200).all() and status_area(160, 120, [])[3] == 0
