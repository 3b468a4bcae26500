"""A whole video on one page."""
import cv2
import numpy as np
import pytest
from helpers.square_detector import square_left, write_square_video

from mmstep.apis import Detection, KeyFrame, VideoSource, paint_contact_sheet


@pytest.fixture(scope='module', params=[(256, 128), (90, 160)])
def source(request, tmp_path_factory):
    return VideoSource(write_square_video(tmp_path_factory.mktemp('sheet') / 'a.mp4', 2.0, size=request.param))


def key_frame(time, persons=()):
    return KeyFrame(time, list(persons))


@pytest.mark.parametrize('count', [1, 2, 7, 20])
def test_sheet_holds_every_key_frame(source, count):
    times = np.linspace(0, 1.9, count)
    sheet = paint_contact_sheet(source, [key_frame(time) for time in times], width=800)
    assert 400 < sheet.shape[1] < 1200
    # One white square in each frame; the paper around the frames is one more piece of white.
    white = (sheet > 200).all(axis=-1).astype(np.uint8)
    areas = cv2.connectedComponentsWithStats(white)[2][1:, cv2.CC_STAT_AREA]
    assert (areas > 0.01 * sheet.shape[0] * sheet.shape[1] / max(count, 2)).sum() == count + 1


def test_persons_are_drawn(source):
    left = square_left(1.0)
    box = np.array([left, 30, left + 40, 70])
    found = Detection(box, [('left', 0.9)], box[None], np.array([1.0]), 0)
    plain = paint_contact_sheet(source, [key_frame(1.0)], width=400)
    drawn = paint_contact_sheet(source, [key_frame(1.0, [found])], width=400)
    assert plain.shape == drawn.shape and (plain != drawn).any()
