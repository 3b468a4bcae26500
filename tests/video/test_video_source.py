"""Video files as pictures at given times, whatever their state."""
import cv2
import numpy as np
import pytest
from helpers.square_detector import write_square_video
from helpers.video_files import (claim_frames, damage, grey_pictures, number, show_turned, textured_pictures,
                                 write_frames, write_sound)

from mmstep.errors import VideoError
from mmstep.video import VideoSource
from mmstep.video import video_source as module
from mmstep.video.reading.frame_reader import FrameReader
from mmstep.video.video_source import lost_frames


@pytest.fixture
def said(monkeypatch):
    """What is logged."""
    messages = []
    monkeypatch.setattr(module, 'print_log', lambda message, **kwargs: messages.append(message))
    return messages


def numbers(source):
    return [number(source.frames_at([time])[0]) for time in source.times]


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
    read, original = [], FrameReader.read
    monkeypatch.setattr(FrameReader, 'read', lambda self, index: read.append(index) or original(self, index))
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=2))
    for start in (0.0, 0.5, 1.0):
        source.frames_at(start + np.arange(12) / 12)
    assert len(read) == len(set(read))


def test_times_far_apart_and_back(tmp_path):
    source = VideoSource(write_frames(tmp_path / 'a.mp4', grey_pictures(40), g=10, bf=2))
    order = np.random.default_rng(0).permutation(40)
    assert [number(source.frames_at([index / 25])[0]) for index in order] == order.tolist()


@pytest.mark.parametrize('name, options', [
    ('variable.mp4', dict(stamps=[0, 1, 2, 3, 10, 11, 12, 20])),
    ('ten_bits.mp4', dict(pix_fmt='yuv420p10le')),
    ('a.ts', dict(g=4, bf=2)),
    ('bare.h264', dict(bf=2)),
    ('reordered.avi', dict(g=4, bf=2)),
    ('fragments.mp4', dict(container='mp4', movflags='frag_keyframe+empty_moov', g=4)),
    ('a.webm', dict(codec='libvpx-vp9')),
    ('old.mpg', dict(codec='mpeg2video', bf=2)),
])
def test_kinds_of_files(tmp_path, said, name, options):
    source = VideoSource(write_frames(tmp_path / name, grey_pictures(8), **options))
    assert numbers(source) == list(range(8))
    expected = np.array(options.get('stamps', range(8))) / 25
    np.testing.assert_allclose(source.times, expected, atol=1e-3)
    assert source.fps == pytest.approx(25, rel=1e-3) and source.variable_rate == ('stamps' in options)
    assert source.broken_from is None and not said


def test_webm_without_a_length(tmp_path, said):
    with open(tmp_path / 'a.webm', 'wb') as file:  # as a browser records: it cannot go back to the header
        import av
        write = file.write
        with av.open(type('Pipe', (), dict(write=lambda self, data: write(data)))(), 'w', format='webm') as container:
            stream = container.add_stream('libvpx-vp9', rate=25)
            stream.width, stream.height = 64, 48
            for picture in grey_pictures(8):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, 'rgb24')))
            container.mux(stream.encode())
    source = VideoSource(str(tmp_path / 'a.webm'))
    assert numbers(source) == list(range(8)) and source.duration == pytest.approx(8 / 25, abs=2e-3) and not said


def test_phones_hold_pictures_upright(tmp_path):
    path = show_turned(write_frames(tmp_path / 'a.mp4', grey_pictures(3)), 1)
    source = VideoSource(path)
    assert (source.width, source.height) == (48, 64) and source.frames_at([0.0])[0].shape == (64, 48, 3)


def test_a_header_that_claims_a_billion_frames(tmp_path, said):
    source = VideoSource(claim_frames(write_frames(tmp_path / 'a.mp4', grey_pictures(10), bf=0), 10**9))
    assert numbers(source) == list(range(10)) and source.duration == pytest.approx(0.4) and not said


def test_sound_alone(tmp_path):
    with pytest.raises(VideoError, match=r'a\.mp4 is not a video that can be read: it has sound only'):
        VideoSource(write_sound(tmp_path / 'a.mp4'))


def test_a_damaged_middle_is_left_out_with_a_warning(tmp_path, said):
    path = damage(write_frames(tmp_path / 'a.mp4', textured_pictures(20), fps=10, g=5, bf=0), range(5, 10))
    source = VideoSource(path)
    frames = source.frames_at([0.4, 0.7, 1.0])
    assert source.broken_from == pytest.approx(0.5) and source.duration == pytest.approx(2)
    np.testing.assert_array_equal(frames[0], frames[1])
    assert np.abs(frames[1].astype(int) - frames[2]).mean() > 5
    assert len(said) == 1 and path in said[0] and 'from second 0.50 on: 5 of 20 frames are lost. In their' in said[0]
    assert len(source.frames_at(source.times)) == 15 and len(said) == 1


def test_a_damaged_end_shortens_the_video(tmp_path, said):
    path = damage(write_frames(tmp_path / 'a.mp4', textured_pictures(20), fps=10, g=5, bf=0), range(15, 20))
    source = VideoSource(path)
    frames = source.frames_at([1.0, 1.4, 1.9])
    assert source.broken_from == pytest.approx(1.5) and source.duration == pytest.approx(1.5)
    np.testing.assert_array_equal(frames[1], frames[2])
    assert len(said) == 1 and 'The results cover the first 1.50 s' in said[0]


def test_second_reader_says_nothing(tmp_path, said):
    path = damage(write_frames(tmp_path / 'a.mp4', textured_pictures(20), fps=10, g=5, bf=0), range(15, 20))
    source = VideoSource(path, warn=False)
    source.frames_at([1.9])
    assert source.broken_from == pytest.approx(1.5) and not said


def test_a_file_that_is_damaged_all_over(tmp_path):
    path = damage(write_frames(tmp_path / 'a.mp4', textured_pictures(9), g=3), range(9))
    with pytest.raises(VideoError, match=r'a\.mp4: not one frame can be decoded'):
        VideoSource(path)


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


@pytest.mark.parametrize('content,said', [(None, 'does not exist'), (b'', '0 bytes'), (b'text\n' * 99, 'it is text')])
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
