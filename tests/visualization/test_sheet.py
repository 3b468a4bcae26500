"""Many pictures on one page."""
import numpy as np
import pytest

from mmstep.visualization import contact_sheet


def test_pictures_of_any_size_lie_in_rows():
    shapes = ((20, 30, 10), (40, 20, 20), (20, 30, 0))
    pictures = [np.full((height, width, 3), grey, np.uint8) for height, width, grey in shapes]
    sheet = contact_sheet(pictures, columns=2, height=40)
    assert sheet.shape == (2 * (40 + 12), 2 * (60 + 6) + 6, 3)
    assert (sheet[26, 36] == 10).all() and (sheet[26, 102] == 20).all() and (sheet[26, 75] == 255).all()
    assert (sheet[78, 102] == 255).all()  # nothing in the last place


def test_captions_take_room_above():
    picture = np.zeros((40, 60, 3), np.uint8)
    assert contact_sheet([picture], ['yard'], height=40).shape[0] > contact_sheet([picture], height=40).shape[0]


def test_no_picture():
    with pytest.raises(ValueError, match='at least one'):
        contact_sheet([])
