"""A folder of numbered pictures is read like a video."""
import cv2
import numpy as np
import pytest

from mmstep.errors import VideoError
from mmstep.video.reading.frame_reader import DecodeError
from mmstep.video.reading.picture_video import PictureVideo


@pytest.fixture
def folder(tmp_path):
    """Pictures 7 to 11 of grey levels 70 to 110."""
    for number in range(7, 12):
        cv2.imwrite(str(tmp_path / f'img_{number}.png'), np.full((4, 6, 3), 10 * number, np.uint8))
    return tmp_path


def test_frames_by_number_and_times_by_rate(folder):
    video = PictureVideo(str(folder), 10)
    assert len(video) == 5 and video.get_avg_fps() == 10
    np.testing.assert_allclose(video.start_times, [0, .1, .2, .3, .4])
    frames = video.frames([0, 0, 3])
    assert [frame[0, 0, 0] for frame in frames] == [70, 70, 100] and frames[0].shape == (4, 6, 3)
    frames[0][:] = 1
    assert frames[1][0, 0, 0] == 70


def test_what_cannot_be_read(folder, tmp_path):
    (folder / 'img_8.png').write_bytes(b'')
    with pytest.raises(DecodeError):
        PictureVideo(str(folder)).frames([1])
    (folder / 'img_8.png').unlink()
    with pytest.raises(VideoError, match='4 pictures are not numbered one after the other, from img_7.png'):
        PictureVideo(str(folder))
    (tmp_path / 'empty').mkdir()
    with pytest.raises(VideoError, match='without pictures'):
        PictureVideo(str(tmp_path / 'empty'))
