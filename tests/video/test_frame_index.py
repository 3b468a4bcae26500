"""Tests of mmstep.video.frame_index.

The frames of a video file by number: their times, and how fast they follow each other.
"""
import numpy as np
import pytest
from helpers.square_detector import square_left, write_square_video

from mmstep.video.frame_index import (DecodeError, FrameReader, frame_rate, index_with_decord, index_with_opencv,
                                      promised_seconds)


def left_edge(frame):
    return np.where(frame[50, :, 0] > 127)[0].min()


@pytest.mark.parametrize('list_frames', [index_with_decord, index_with_opencv])
def test_frames_and_times(tmp_path, list_frames):
    path = write_square_video(tmp_path / 'a.mp4', seconds=2)
    index = list_frames(path)
    np.testing.assert_allclose(index.times, np.arange(48) / 24, atol=1e-3)
    reader = FrameReader(path, index)
    for number in (0, 1, 5, 47, 3, 40):  # on, ahead and back
        assert abs(left_edge(reader.read(number)) - square_left(number / 24)) <= 1.5
    with pytest.raises(DecodeError):
        FrameReader(path, index._replace(times=np.arange(48) / 12, decoded=False)).read(2)


@pytest.mark.parametrize('times,nominal,fps,variable', [
    ([0.0], 24.0, 24.0, False),
    ([0.0], 0.0, 25.0, False),
    ([0.0, 0.033, 0.067, 0.1, 0.133], 30.0, 30.0, False),
    ([0.0, 1 / 30, 2 / 30, 3 / 30], 25.0, 30.0, False),
    ([0.0, 0.1, 0.2, 0.3, 1.0], 10.0, 10.0, True),
    ([0.0, 0.0001, 0.0002, 0.5], 10.0, 120.0, True),
])
def test_frame_rate(times, nominal, fps, variable):
    rate, is_variable = frame_rate(np.array(times), nominal)
    assert rate == pytest.approx(fps) and is_variable == variable


def test_what_a_file_promises(tmp_path):
    assert promised_seconds(write_square_video(tmp_path / 'a.mp4', seconds=1.5)) == pytest.approx(1.5)
    (tmp_path / 'text.mp4').write_text('text')
    assert promised_seconds(str(tmp_path / 'text.mp4')) == 0


def test_what_decord_cannot_open_is_a_value_error(tmp_path):
    (tmp_path / 'text.mp4').write_text('text')
    with pytest.raises(ValueError, match=r'text\.mp4'):
        index_with_decord(str(tmp_path / 'text.mp4'))
