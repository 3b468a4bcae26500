"""Where labels go."""
import numpy as np
import pytest

from mmstep.visualization.panels import place_panel, place_panels

FRAME = (100, 100)


@pytest.mark.parametrize(
    'box,expected',
    [
        ((20, 50, 60, 90), (20, 30, 70, 50)),  # above
        ((20, 5, 60, 40), (20, 40, 70, 60)),  # below, for there is no room above
        ((5, 5, 45, 95), (45, 5, 95, 25)),  # right, for there is none below either
        ((55, 5, 95, 95), (5, 5, 55, 25)),  # left
        ((0, 0, 100, 100), (0, 0, 50, 20)),  # no way but on the person
        ((80, 50, 99, 90), (50, 30, 100, 50)),  # pushed left
        ((-30, 50, 10, 90), (0, 30, 50, 50)),  # pushed right
    ])
def test_panel_goes_where_there_is_room(box, expected):
    assert place_panel(box, (50, 20), FRAME, [])[0] == expected


def test_panels_do_not_cover_each_other():
    (first, _), (second, _) = place_panels([(20, 50, 60, 70), (25, 50, 65, 70)], [(50, 20), (50, 20)], FRAME)
    assert first == (20, 30, 70, 50) and second == (25, 70, 75, 90)


def test_another_person_is_not_covered():
    above = (20, 20, 60, 45)
    assert place_panel((20, 50, 60, 70), (50, 20), FRAME, [], [above])[0] == (20, 70, 70, 90)


def test_panel_larger_than_the_picture_starts_at_its_corner():
    assert place_panel((5, 5, 9, 9), (200, 300), FRAME, [])[0][:2] == (0, 0)


def test_panels_of_a_crowd_stay_in_the_frame_and_mostly_apart():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 800, (12, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(50, 200, (12, 2))], axis=1)
    places = np.array([place for place, _ in place_panels(boxes, [(150, 40)] * 12, (1000, 1000))])
    assert places.min() >= 0 and places.max() <= 1000
    grid = np.zeros((1000, 1000), int)
    for x1, y1, x2, y2 in places:
        grid[y1:y2, x1:x2] += 1
    assert (grid > 1).sum() < 0.02 * grid.sum()


def test_no_panels():
    assert place_panels([], [], FRAME) == []


def test_reserved_area_is_kept_free():
    box = (20, 25, 60, 60)
    assert place_panels([box], [(50, 20)], FRAME)[0][0] == (20, 5, 70, 25)
    assert place_panels([box], [(50, 20)], FRAME, reserved=[(0, 0, 100, 10)])[0][0] == (20, 60, 70, 80)


def test_panel_stays_on_its_side_while_that_is_about_as_good():
    box = (20, 25, 60, 60)
    (_, above), (_, below) = place_panel(box, (50, 20), FRAME, []), place_panel(box, (50, 20), FRAME, [(0, 0, 99, 24)])
    assert above == 0 and below == 1
    assert place_panel(box, (50, 20), FRAME, [], before=below)[1] == below
    # A strip of one line in its way is not worth a jump, a whole panel is.
    assert place_panel(box, (50, 20), FRAME, [(0, 60, 99, 61)], before=below)[1] == below
    assert place_panel(box, (50, 20), FRAME, [(0, 60, 99, 80)], before=below)[1] == above
