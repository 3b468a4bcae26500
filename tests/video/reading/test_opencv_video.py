"""OpenCV as a reader of windows."""
import numpy as np
import pytest
from helpers.video_files import damage, grey_pictures, number, textured_pictures, write_frames

from mmstep.errors import VideoError
from mmstep.video.reading.frame_reader import DecodeError
from mmstep.video.reading.opencv_video import OpenCVVideo
from mmstep.video.reading.pyav_video import PyAVVideo


@pytest.mark.parametrize('name, options', [('a.mp4', {}), ('a.mkv', {}), ('a.ts', {}), ('a.avi', dict(bf=0)),
                                           ('v.mp4', dict(stamps=[index + 2 * (index // 5) for index in range(40)]))])
def test_frames_in_any_order_are_those_of_pyav(tmp_path, name, options):
    path = write_frames(tmp_path / name, textured_pictures(40), **{'g': 10, 'bf': 2, **options})
    theirs, ours = PyAVVideo(path), OpenCVVideo(path)
    assert len(ours) == len(theirs) == 40 and ours.get_avg_fps() == theirs.get_avg_fps()
    np.testing.assert_array_equal(ours.start_times, theirs.start_times)
    rng = np.random.default_rng(0)
    for _ in range(12):
        chosen = np.sort(rng.integers(0, 40, 8)).tolist()
        for one, two in zip(ours.frames(chosen), theirs.frames(chosen)):
            np.testing.assert_array_equal(one, two)


def test_pictures_belong_to_who_asks(tmp_path):
    reader = OpenCVVideo(write_frames(tmp_path / 'a.mp4', grey_pictures(10)))
    first, second = reader.frames([3, 3])
    first[:] = 0
    assert number(second) == 3
    reader.forget_pictures()


def test_what_cannot_be_decoded(tmp_path):
    path = damage(write_frames(tmp_path / 'a.mp4', textured_pictures(20), g=5, bf=0), range(5, 10))
    reader = OpenCVVideo(path)
    with pytest.raises(DecodeError):
        reader.frames([3, 7])
    for index in (-1, 20):
        with pytest.raises(DecodeError):
            reader.frames([index])
    (tmp_path / 'b.mp4').write_bytes(b'this is text')
    with pytest.raises(VideoError, match='it is text'):
        OpenCVVideo(str(tmp_path / 'b.mp4'))


def test_frames_without_times(tmp_path):
    with pytest.raises(VideoError, match='is not a video that OpenCV can read by frame times'):
        OpenCVVideo(write_frames(tmp_path / 'a.avi', grey_pictures(40), g=10, bf=2))
