import numpy as np
import pytest

from mmstep.visualization import draw_persons, person_colour, style_for
from mmstep.visualization.draw import place_panel

ACTIONS = [[('walk', 0.9), ('talk to (e.g., self, a person)', 0.4)]]


@pytest.mark.parametrize('size', [(128, 128), (320, 240), (1080, 1920), (3840, 2160)])
def test_sizes_grow_with_the_picture(size):
    style = style_for(*size)
    assert 8 <= style.text <= 60 and 1 <= style.line <= 6
    # A line of text takes from a fortieth to a tenth of the shorter side.
    assert 1 / 40 < style.row / min(size) < 1 / 10


def test_colours_are_the_same_each_time_and_apart():
    colours = [person_colour(i) for i in range(30)]
    assert colours == [person_colour(i) for i in range(30)]
    assert len(set(colours)) == 30
    assert min(max(c) for c in colours) == 255
    for a, b in zip(colours, colours[1:]):
        assert np.abs(np.subtract(a, b)).sum() > 100


@pytest.mark.parametrize('box,expected', [
    ((20, 50, 60, 90), (20, 30, 70, 50)),  # above
    ((20, 5, 60, 40), (20, 40, 70, 60)),  # below, for there is no room above
    ((20, 5, 60, 95), (20, 5, 70, 25)),  # within, for there is none below either
    ((80, 50, 99, 90), (50, 30, 100, 50)),  # pushed left
    ((-30, 50, 10, 90), (0, 30, 50, 50)),  # pushed right
])
def test_panel_goes_where_there_is_room(box, expected):
    assert place_panel(box, (50, 20), (100, 100), []) == expected


def test_panels_do_not_cover_each_other():
    first = place_panel((20, 50, 60, 70), (50, 20), (100, 100), [])
    second = place_panel((25, 50, 65, 70), (50, 20), (100, 100), [first])
    assert first == (20, 30, 70, 50) and second == (25, 70, 75, 90)


def test_panel_larger_than_the_picture_starts_at_its_corner():
    assert place_panel((5, 5, 9, 9), (200, 300), (100, 100), [])[:2] == (0, 0)


@pytest.mark.parametrize('shape', [(128, 128), (240, 426), (960, 540), (2160, 3840)])
@pytest.mark.parametrize('box', [(0.1, 0.1, 0.5, 0.9), (-0.5, -0.5, 0.1, 0.1), (0.9, 0, 2, 0.2), (0.5, 0.5, 0.5, 0.5)])
def test_drawing_keeps_size_and_leaves_the_input_alone(shape, box):
    image = np.full((*shape, 3), 100, np.uint8)
    height, width = shape
    drawn = draw_persons(image, [np.array(box) * (width, height, width, height)], ACTIONS, [0])
    assert drawn.shape == image.shape and drawn.dtype == np.uint8
    assert (image == 100).all() and (drawn != 100).any()


def test_box_has_the_colour_of_its_person():
    drawn = draw_persons(np.zeros((400, 400, 3), np.uint8), [(50, 200, 150, 350)], [[]], [4])
    np.testing.assert_allclose(drawn[275, 50], person_colour(4), atol=2)
    np.testing.assert_allclose(drawn[350, 100], person_colour(4), atol=2)
    assert not drawn[275, 100].any()


def test_bar_is_as_long_as_the_score():
    def bright(score):
        drawn = draw_persons(np.zeros((400, 400, 3), np.uint8), [(50, 200, 350, 350)], [[('a' * 20, score)]], [0])
        # The panel ends at the box's top; its second line of pixels lies above the letters.
        line = drawn[200 - style_for(400, 400).row + 1].astype(int)
        return (line.max(axis=-1) - line.min(axis=-1) > 40).sum()

    assert bright(0.9) / bright(0.45) == pytest.approx(2, rel=0.15)


def test_nothing_to_draw_and_letters_that_the_font_lacks():
    image = np.zeros((100, 100, 3), np.uint8)
    np.testing.assert_array_equal(draw_persons(image, [], [], []), image)
    assert draw_persons(image, [(10, 50, 90, 90)], [[('gehen ä 走', 0.5)]], [0]).any()
