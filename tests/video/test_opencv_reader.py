"""Reading of videos by OpenCV."""
import struct

import numpy as np
import pytest

from mmstep.datasets import DecordWindowDecode, DecordWindowInit
from mmstep.video import opencv_reader
from mmstep.video.decord_reader import open_video
from mmstep.video.opencv_reader import DecodeError, FrameIndex, FrameReader, OpenCVVideo, ascending, index_with_opencv


def number(pixels):
    """The frame's number, burnt into it as grey level 20 + 5 i, which the codec lowers by two or three."""
    return int(round((float(pixels.mean()) - 17.5) / 5))


def elementary_stream(avi):
    """The bare MPEG-4 video of an AVI file: no header tells its length or frame rate."""
    content, place, stream = avi.read_bytes(), 12, b''
    while place + 8 <= len(content):
        name, size = content[place:place + 4], struct.unpack('<I', content[place + 4:place + 8])[0]
        if name == b'LIST':
            place += 12
            continue
        stream += content[place + 8:place + 8 + size] if name == b'00dc' else b''
        place += 8 + size + size % 2
    return stream


@pytest.fixture
def video(tmp_path, write_video):
    return write_video(tmp_path / 'a.mp4', num_frames=40, fps=25)


@pytest.fixture
def counted(monkeypatch):
    """Counts the frames that are read."""
    count = []
    read = FrameReader.read
    monkeypatch.setattr(FrameReader, 'read', lambda self, index: count.append(index) or read(self, index))
    return count


def read(reader, *frames):
    numbers = []
    for frame in frames:
        reader.seek_accurate(frame)
        numbers.append(number(reader.next().asnumpy()))
    return numbers


def test_index(video):
    index = index_with_opencv(video)
    np.testing.assert_allclose(index.times, np.arange(40) / 25, atol=1e-3)
    assert index.decoded and index.nominal_fps == 25


def test_frames_in_any_order(video):
    order = np.random.default_rng(0).permutation(40).tolist()
    assert read(OpenCVVideo(video), *order) == order


def test_reads_on(video):
    reader = OpenCVVideo(video)
    reader.seek_accurate(5)
    assert [number(reader.next().pixels) for _ in range(35)] == list(range(5, 40))
    with pytest.raises(DecodeError, match='frame 40 cannot be decoded'):
        reader.next()


def test_overlapping_windows_decode_each_frame_once(video, counted):
    reader = OpenCVVideo(video)
    for start in range(0, 30, 3):
        assert read(reader, *range(start, start + 10)) == list(range(start, start + 10))
    assert counted == list(range(37))


def test_few_frames_are_kept(video, monkeypatch):
    monkeypatch.setattr(opencv_reader, 'KEPT_BYTES', 5 * 32 * 24 * 3)
    reader = OpenCVVideo(video)
    assert read(reader, *range(20), *range(10, 20), 3) == [*range(20), *range(10, 20), 3]
    assert len(reader._kept) == 5


def test_a_picture_larger_than_what_is_kept(video, monkeypatch):
    monkeypatch.setattr(opencv_reader, 'KEPT_BYTES', 1)
    assert read(OpenCVVideo(video), 3, 4, 4, 2) == [3, 4, 4, 2]


def test_pictures_belong_to_who_asks(video):
    reader = OpenCVVideo(video)
    reader.seek(7)
    reader.next().asnumpy()[:] = 0
    assert read(reader, 7) == [7]


def test_what_loading_needs_of_decord(video):
    ours, theirs = OpenCVVideo(video), open_video(video)
    assert len(ours) == len(theirs) == 40
    assert ours.get_avg_fps() == pytest.approx(theirs.get_avg_fps())
    np.testing.assert_allclose(ours.get_frame_timestamp([0, 7, 38]), theirs.get_frame_timestamp([0, 7, 38]), atol=1e-3)


def test_a_file_that_is_written_anew_is_indexed_anew(tmp_path, write_video):
    assert len(OpenCVVideo(write_video(tmp_path / 'a.mp4', num_frames=12))) == 12
    assert len(OpenCVVideo(write_video(tmp_path / 'a.mp4', num_frames=25))) == 25


def test_a_file_is_indexed_once(video, monkeypatch):
    OpenCVVideo(video)
    monkeypatch.setattr(opencv_reader, 'index_with_opencv', lambda path: pytest.fail('indexed again'))
    assert len(OpenCVVideo(video)) == 40


def test_video_that_decord_refuses(tmp_path, write_video):
    write_video(tmp_path / 'a.avi', num_frames=40, fps=25, size=(64, 48))
    path = tmp_path / 'bare.mp4'
    path.write_bytes(elementary_stream(tmp_path / 'a.avi'))
    with pytest.raises(ValueError, match='bare.mp4'):
        open_video(str(path))
    results = DecordWindowInit().transform(dict(filename=str(path)))
    assert isinstance(results['video_reader'], OpenCVVideo) and results['total_frames'] == 40
    for frames in ([0, 0, 1, 2], [30, 32, 39, 39], [3, 4]):
        imgs = DecordWindowDecode().transform(dict(results, frame_inds=np.array(frames)))['imgs']
        assert [number(img) for img in imgs] == frames


def test_frames_that_are_not_where_they_should_be(video):
    times = index_with_opencv(video).times
    late = FrameIndex(np.where(times > 1, times + 0.5, times), 25, decoded=False)
    reader = FrameReader(video, late)
    assert number(reader.read(25)) == 25
    with pytest.raises(DecodeError) as caught:
        reader.read(30)
    assert caught.value.index == 26


@pytest.mark.parametrize('content', [b'', b'this is text', b'\0' * 5000])
def test_no_video(tmp_path, content):
    path = tmp_path / 'a.mp4'
    path.write_bytes(content)
    with pytest.raises(ValueError, match='OpenCV'):
        OpenCVVideo(str(path))


def test_times_are_repaired():
    np.testing.assert_allclose(opencv_reader._repair_times(np.array([2., 2.1, 2.2]), 10), [0, 0.1, 0.2])
    np.testing.assert_allclose(opencv_reader._repair_times(np.array([0, 0.2, 0.1, 0.3]), 10), [0, 0.2, 0.4, 0.6])
    np.testing.assert_allclose(opencv_reader._repair_times(np.zeros(3), 50), [0, 0.02, 0.04])
    np.testing.assert_allclose(opencv_reader._repair_times(np.zeros(2), 0), [0, 0.04])
    assert ascending(np.array([0., 1])) and not ascending(np.array([0., 0])) and not ascending(np.array([0, np.nan]))
