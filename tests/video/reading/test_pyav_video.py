"""PyAV behind decord's interface, for the data sets."""
import numpy as np
import pytest
from helpers.video_files import damage, grey_pictures, number, textured_pictures, write_frames

from mmstep.errors import VideoError
from mmstep.video.frame_times import frame_start_times
from mmstep.video.reading import pyav_video
from mmstep.video.reading.decord_reader import open_video
from mmstep.video.reading.frame_reader import DecodeError, FrameReader
from mmstep.video.reading.pyav_video import PyAVVideo


@pytest.fixture
def video(tmp_path):
    return write_frames(tmp_path / 'a.mp4', grey_pictures(40), g=10, bf=2)


@pytest.fixture
def counted(monkeypatch):
    """Counts the frames that are read."""
    count = []
    read = FrameReader.read
    monkeypatch.setattr(FrameReader, 'read', lambda self, index: count.append(index) or read(self, index))
    return count


def read(reader, *frames):
    """Reads frames one by one, in any order."""
    return [number(picture) for frame in frames for picture in reader.frames([frame])]


def test_frames_in_any_order(video):
    order = np.random.default_rng(0).permutation(40).tolist()
    assert read(PyAVVideo(video), *order) == order


def test_reads_on(video):
    reader = PyAVVideo(video)
    assert [number(picture) for picture in reader.frames(range(5, 40))] == list(range(5, 40))
    with pytest.raises(DecodeError, match='frame 40 cannot be decoded'):
        reader.frames([39, 40])


def test_overlapping_windows_decode_each_frame_once(video, counted):
    reader = PyAVVideo(video)
    for start in range(0, 30, 3):
        assert [number(picture)
                for picture in reader.frames(range(start, start + 10))] == list(range(start, start + 10))
    assert counted == list(range(37))


@pytest.mark.parametrize('kept', [5 * 64 * 48 * 3, 1])
def test_few_frames_are_kept(video, monkeypatch, counted, kept):
    monkeypatch.setattr(pyav_video, 'KEPT_BYTES', kept)
    order = [*range(20), *range(10, 20), 19, 3]
    assert read(PyAVVideo(video), *order) == order
    assert counted == [*range(20), *range(10, 20), 3]


def test_pictures_belong_to_who_asks(video):
    reader = PyAVVideo(video)
    for picture in reader.frames([7, 7]):
        assert number(picture) == 7
        picture[:] = 0
    assert read(reader, 7) == [7]


def test_what_loading_needs_of_decord(video):
    ours, theirs = PyAVVideo(video), open_video(video)
    assert len(ours) == len(theirs) == 40
    assert ours.get_avg_fps() == pytest.approx(theirs.get_avg_fps())
    np.testing.assert_allclose(frame_start_times(ours), frame_start_times(theirs), atol=1e-3)


def test_a_file_that_is_written_anew_is_indexed_anew(tmp_path):
    assert len(PyAVVideo(write_frames(tmp_path / 'a.mp4', grey_pictures(12)))) == 12
    assert len(PyAVVideo(write_frames(tmp_path / 'a.mp4', grey_pictures(25)))) == 25


def test_a_file_is_indexed_once(video, monkeypatch):
    PyAVVideo(video)
    # Nor is its first frame decoded again.
    monkeypatch.setattr('mmstep.video.reading.frame_index.open_container', lambda path: pytest.fail('indexed again'))
    monkeypatch.setattr('mmstep.video.reading.container.Decoder.frames', lambda self: map(pytest.fail, ['decoded']))
    assert len(PyAVVideo(video)) == 40


def test_avi_with_reordered_frames(tmp_path):
    # An .avi tells when a packet is decoded, not when its frame is shown.
    path = write_frames(tmp_path / 'a.avi', grey_pictures(40), g=10, bf=2)
    reader = PyAVVideo(path)
    order = [30, *range(40), 5]
    assert len(reader) == 40 and read(reader, *order) == order
    np.testing.assert_allclose(reader.start_times, np.arange(40) / 25)


def test_damaged_frames_are_errors(tmp_path):
    path = damage(write_frames(tmp_path / 'a.mp4', textured_pictures(20), g=5, bf=0), range(5, 10))
    reader = PyAVVideo(path)
    reader.frames([4])
    with pytest.raises(DecodeError, match='frame 5 '):
        reader.frames([3, 5, 6])
    assert reader.frames([12])[0].shape == (48, 64, 3)


def test_no_video(tmp_path):
    (tmp_path / 'a.mp4').write_bytes(b'this is text')
    with pytest.raises(VideoError, match='it is text'):
        PyAVVideo(str(tmp_path / 'a.mp4'))
    with pytest.raises(VideoError, match='does not exist'):
        PyAVVideo(str(tmp_path / 'b.mp4'))


def test_pictures_can_be_let_go(video, counted):
    reader = PyAVVideo(video)
    read(reader, 3, 3)
    reader.forget_pictures()
    assert read(reader, 3) == [3] and counted == [3, 3]
