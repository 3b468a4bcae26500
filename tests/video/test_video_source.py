"""Tests of mmstep.video.video_source.

A video file as pictures at given times, whatever its container, frame rate and state.
"""
import cv2
import numpy as np
import pytest
from helpers.square_detector import square_left, write_square_video

from mmstep.apis import VideoError, VideoSource
from mmstep.video import video_source as video_reader
from mmstep.video.frame_index import DecodeError, index_with_opencv
from mmstep.video.video_source import lost_frames


def left_edge(frame):
    return np.where(frame[50, :, 0] > 127)[0].min()


@pytest.mark.parametrize('fps,size', [(5, (64, 48)), (60, (48, 64)), (24, (256, 128))])
def test_source_knows_rate_size_and_duration(tmp_path, fps, size):
    source = VideoSource(write_square_video(tmp_path / 'ä b.mp4', seconds=1, fps=fps, size=size, speed=0))
    assert source.fps == pytest.approx(fps)
    assert (source.width, source.height) == size
    assert source.duration == pytest.approx(1, abs=2e-3)
    assert source.broken_from is None and not source.variable_rate


def test_frames_at_shows_what_is_on_the_screen_and_repeats_the_ends(tmp_path):
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=1, fps=10))
    shown = [left_edge(frame) for frame in source.frames_at([-3.0, 0.0, 0.34, 0.4, 0.9, 7.0])]
    np.testing.assert_allclose(shown, [10, 10, 16, 18, 28, 28], atol=1.5)


def test_one_frame(tmp_path):
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=0))
    assert len(source.times) == 1
    assert source.duration == pytest.approx(1 / 24)
    assert len(source.frames_at([-1, 0, 1])) == 3


def test_each_frame_is_decoded_once_by_overlapping_calls(tmp_path, monkeypatch):
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=2))
    read = []
    original = source._reader.read
    monkeypatch.setattr(source._reader, 'read', lambda index: read.append(index) or original(index))
    for start in (0.0, 0.5, 1.0):
        source.frames_at(start + np.arange(12) / 12)
    assert len(read) == len(set(read))


def test_falls_back_to_opencv_and_says_so_once(tmp_path, monkeypatch):
    said = []

    def refuse(path):
        raise ValueError('bad (decord: no header)')

    monkeypatch.setattr(video_reader, 'index_with_decord', refuse)
    monkeypatch.setattr(video_reader, 'print_log', lambda message, **kwargs: said.append(message))
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=1))
    source.frames_at([0.5])
    assert len(source.times) == 24
    assert len(said) == 1 and 'OpenCV' in said[0] and 'no header' in said[0] and 'a.mp4' in said[0]


def test_damage_ends_the_video_with_a_warning(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(video_reader, 'print_log', lambda message, **kwargs: said.append(message))
    path = write_square_video(tmp_path / 'a.mp4', seconds=2, fps=10)
    monkeypatch.setattr(video_reader, 'index_with_decord', index_with_opencv)
    source = VideoSource(path)
    original = source._reader.read

    def read(number):
        if number >= 15:
            raise DecodeError(15)
        return original(number)

    monkeypatch.setattr(source._reader, 'read', read)
    frames = source.frames_at([1.0, 1.4, 1.9])
    assert source.broken_from == pytest.approx(1.5) and source.duration == pytest.approx(1.5)
    np.testing.assert_array_equal(frames[1], frames[2])
    assert len(said) == 1 and '1.50' in said[0] and path in said[0]


def test_files_whose_index_is_wrong_are_listed_anew(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(video_reader, 'print_log', lambda message, **kwargs: said.append(message))
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=1))

    def stop(index):
        raise DecodeError(1)

    monkeypatch.setattr(source._reader, 'read', stop)
    assert abs(left_edge(source.frames_at([0.5])[0]) - square_left(0.5)) <= 1.5
    assert source.broken_from is None and source.duration == pytest.approx(1) and not said


@pytest.mark.parametrize('there,lost', [(range(10), []), (range(7), [7, 8, 9]), ([0, 1, 2, 6, 7, 8, 9], [3, 4, 5]),
                                        ([0], range(1, 10))])
def test_lost_frames(there, lost):
    promised = np.arange(10) / 10
    assert lost_frames(promised, promised[list(there)] + 1e-3).tolist() == list(lost)


def test_file_cut_in_half(tmp_path):
    """A broken-off download of a file with its index in front is read as far as it goes."""
    writer = cv2.VideoWriter(str(tmp_path / 'a.avi'), cv2.VideoWriter_fourcc(*'MJPG'), 25, (64, 64))
    for index in range(50):
        writer.write(np.random.default_rng(index).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    writer.release()
    data = (tmp_path / 'a.avi').read_bytes()
    (tmp_path / 'half.avi').write_bytes(data[:len(data) // 2])
    source = VideoSource(str(tmp_path / 'half.avi'))
    source.frames_at(np.arange(50) / 25)
    assert 0.5 < source.duration < 1.2
    assert source.broken_from == pytest.approx(source.duration, abs=0.1)


@pytest.mark.parametrize('content,said', [(None, 'does not exist'), (b'', '0 bytes'), (b'text\n' * 99, 'not a video')])
def test_what_is_no_video(tmp_path, content, said):
    path = tmp_path / 'clip.mp4'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VideoError, match=said) as error:
        VideoSource(str(path))
    assert 'clip.mp4' in str(error.value)


def test_folder_and_truncated_mp4(tmp_path):
    with pytest.raises(VideoError, match='folder'):
        VideoSource(str(tmp_path))
    path = write_square_video(tmp_path / 'a.mp4')
    data = open(path, 'rb').read()
    (tmp_path / 'b.mp4').write_bytes(data[:len(data) // 2])  # the index of such a file is at its end
    with pytest.raises(VideoError, match='b.mp4.*damaged or cut off'):
        VideoSource(str(tmp_path / 'b.mp4'))
