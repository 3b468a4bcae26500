"""Boxes and labels on a picture."""
import numpy as np
import pytest

from mmstep import visualization
from mmstep.visualization import draw, draw_persons, person_color, style_for

ACTIONS = [[('walk', 0.9), ('talk to (e.g., self, a person)', 0.4)]]


@pytest.mark.parametrize('size', [(128, 128), (320, 240), (1080, 1920), (3840, 2160)])
def test_sizes_grow_with_the_picture(size):
    style = style_for(*size)
    assert 8 <= style.text <= 60 and 1 <= style.line <= 9
    # A line of text takes from a fortieth to a tenth of the shorter side.
    assert 1 / 40 < style.row / min(size) < 1 / 10


def test_colors_are_the_same_each_time_and_apart():
    colors = [person_color(i) for i in range(30)]
    assert colors == [person_color(i) for i in range(30)]
    assert len(set(colors)) == 30
    assert min(max(c) for c in colors) == 255
    for a, b in zip(colors, colors[1:]):
        assert np.abs(np.subtract(a, b)).sum() > 100


@pytest.mark.parametrize('shape', [(128, 128), (240, 426), (960, 540), (2160, 3840)])
@pytest.mark.parametrize('box', [(0.1, 0.1, 0.5, 0.9), (-0.5, -0.5, 0.1, 0.1), (0.9, 0, 2, 0.2), (0.5, 0.5, 0.5, 0.5)])
def test_drawing_keeps_size_and_leaves_the_input_alone(shape, box):
    image = np.full((*shape, 3), 100, np.uint8)
    height, width = shape
    drawn = draw_persons(image, [np.array(box) * (width, height, width, height)], ACTIONS, [0])
    assert drawn.shape == image.shape and drawn.dtype == np.uint8
    assert (image == 100).all() and (drawn != 100).any()


def test_box_has_the_color_of_its_person():
    drawn = draw_persons(np.zeros((400, 400, 3), np.uint8), [(50, 200, 150, 350)], [[]], [4])
    np.testing.assert_allclose(drawn[275, 50], person_color(4), atol=2)
    np.testing.assert_allclose(drawn[350, 100], person_color(4), atol=2)
    assert not drawn[275, 100].any()


def test_bar_is_as_long_as_the_score():

    def bright(score):
        drawn = draw_persons(np.zeros((400, 400, 3), np.uint8), [(50, 200, 350, 350)], [[('a' * 20, score)]], [0])
        # The panel ends at the box's top; its second line of pixels lies above the letters.
        line = drawn[200 - style_for(400, 400).row + 1].astype(int)
        return (line.max(axis=-1) - line.min(axis=-1) > 40).sum()

    assert bright(0.9) / bright(0.45) == pytest.approx(2, rel=0.15)


def test_the_number_is_written_first(monkeypatch):
    written = []
    monkeypatch.setattr(draw, 'put_text', lambda image, text, *_: written.append(text))
    image = np.zeros((400, 400, 3), np.uint8)
    draw_persons(image, [(50, 200, 150, 350)] * 3, [[('walk', 0.9), ('talk', 0.4)], [], [('sit', 0.5)]], [12, 3, None])
    assert written == ['#12 walk 0.90', 'talk 0.40', '#3', 'sit 0.50']


def test_nothing_to_draw():
    image = np.zeros((100, 100, 3), np.uint8)
    np.testing.assert_array_equal(draw_persons(image, [], [], []), image)


def test_box_can_be_seen_on_a_ground_of_its_color():
    ground = np.full((400, 400, 3), person_color(2), np.uint8)
    drawn = draw_persons(ground, [(50, 50, 350, 350)], [[]], [2])
    assert np.abs(drawn[200, 40:60].astype(int) - ground[200, 40:60]).sum(axis=-1).max() > 100


@pytest.mark.parametrize('max_labels,shown', [(1, 1), (4, 4), (50, 10)])
def test_labels_of_a_person_cover_at_most_half_of_the_height(max_labels, shown):
    image = np.full((240, 320, 3), 255, np.uint8)
    actions = [[(f'action {index}', 0.0) for index in range(20)]]
    drawn = draw_persons(image, [(300, 239, 319, 239)], actions, [0], max_labels=max_labels)
    # The first column of the panel has no letters.
    left = np.flatnonzero((drawn[100:230] < 200).all(axis=-1).any(axis=0))[0]
    rows = (drawn[:, left] < 200).all(axis=-1).sum() / style_for(320, 240).row
    assert rows == pytest.approx(shown, abs=0.2)


def test_long_label_is_cut_and_its_score_stays():
    narrow = draw_persons(np.zeros((240, 135, 3), np.uint8), [(0, 100, 50, 200)], [[('a' * 200, 0.87)]], [0])
    short = draw_persons(np.zeros((240, 135, 3), np.uint8), [(0, 100, 50, 200)], [[('a' * 100, 0.87)]], [0])
    assert narrow.shape == (240, 135, 3)
    np.testing.assert_array_equal(narrow, short)


def test_places_are_remembered_for_those_in_the_picture():
    image, places = np.zeros((400, 400, 3), np.uint8), {9: 3}
    draw_persons(image, [(50, 200, 150, 350), (200, 0, 300, 200)], [[('a', 0.5)], []], [1, 2], places=places)
    assert list(places) == [1, 2] and places[1] == 0


def test_the_older_name_of_person_color_warns():
    with pytest.warns(DeprecationWarning, match='person_color'):
        assert visualization.person_colour(3) == person_color(3)


def test_annotations_have_no_score_and_colors_of_their_own():
    picture = np.zeros((240, 320, 3), np.uint8)
    with_score, without = (
        draw_persons(picture, [(40, 60, 120, 200)], [[('stand', score)]], [0], colors=[(10, 200, 30)])
        for score in (1., None))
    for drawn in (with_score, without):
        assert (drawn[60:201, 40] == (10, 200, 30)).all()
    width = [int(np.flatnonzero((drawn[:60] > 0).any(axis=(0, 2))).max()) for drawn in (with_score, without)]
    assert width[1] < width[0]
