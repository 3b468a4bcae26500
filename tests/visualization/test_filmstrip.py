"""Pictures side by side in one."""
import numpy as np
import pytest

from mmstep.visualization import filmstrip, scale_to_height


def picture(value, height=90, width=120):
    return np.full((height, width, 3), value, np.uint8)


def test_pictures_lie_in_rows_and_columns():
    strip = filmstrip([[picture(10), picture(20)], [picture(30), picture(40)]], gap=6)
    assert strip.shape == (6 + 2 * 96, 6 + 2 * 126, 3)
    assert strip[50, 60, 0] == 10 and strip[50, 190, 0] == 20 and strip[150, 60, 0] == 30 and strip[150, 190, 0] == 40
    assert (strip[:6] == 255).all()


def test_captions_and_titles_take_room_and_leave_the_pictures_alone():
    plain = filmstrip([[picture(10)], [picture(20)]])
    titled = filmstrip([[picture(10)], [picture(20)]], ['0.0 s'], ['step 1', 'step 2'])
    assert titled.shape[0] > plain.shape[0] and titled.shape[1] > plain.shape[1]
    for value in (10, 20):
        assert (titled == value).all(axis=-1).sum() == 90 * 120


@pytest.mark.parametrize('rows', [
    [],
    [[]],
    [[picture(1), picture(1, height=80)]],
    [[picture(1)], [picture(1), picture(1)]],
])
def test_rows_that_do_not_fit(rows):
    with pytest.raises(ValueError, match='filmstrip'):
        filmstrip(rows)


@pytest.mark.parametrize('shape,height,expected', [((100, 200), 50, (50, 100)), ((100, 50), 200, (200, 100)),
                                                   ((500, 1), 20, (20, 1))])
def test_scaling_keeps_the_aspect_ratio(shape, height, expected):
    assert scale_to_height(np.zeros((*shape, 3), np.uint8), height).shape == (*expected, 3)
