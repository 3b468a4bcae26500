"""VideoWriter: what lies in its files, who plays them, and what happens when they cannot be written."""
import resource
from fractions import Fraction

import av
import numpy as np
import pytest
from helpers.chromium import needs_chromium, open_chromium, play

from mmstep.errors import VideoError
from mmstep.video import encoders, video_writer
from mmstep.video.encoders import MP4_ENCODERS, WEBM_ENCODERS, Encoder, frame_rate
from mmstep.video.video_writer import VideoWriter, count_frames

COLOR = (200, 60, 30)


def write(path, count=6, fps=25, size=(64, 48)):
    with VideoWriter(str(path), fps, size) as writer:
        for _ in range(count):
            writer.write(np.full((size[1], size[0], 3), COLOR, np.uint8))
    return str(path)


def write_noise(path, count):
    """Frames that take up some kilobytes each."""
    chance = np.random.default_rng(0)
    with VideoWriter(str(path), 25, (64, 48)) as writer:
        for _ in range(count):
            writer.write(chance.integers(0, 255, (48, 64, 3), dtype=np.uint8))
    return str(path)


def read(path):
    """The stream's properties and all frames, RGB, with their times."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [(frame.to_ndarray(format='rgb24'), float(frame.time)) for frame in container.decode(stream)]
        context = stream.codec_context
        return (context.name, context.pix_fmt, context.width, context.height, stream.average_rate), frames


def limit_file_size(size):
    """Makes writes beyond so many bytes fail, as on a full disk; the system's own limit if it is None."""
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (most if size is None else size, most))


@pytest.fixture
def full_disk():
    yield limit_file_size
    limit_file_size(None)


@pytest.mark.parametrize('fps,size,name,written', [
    (29.97, (64, 48), 'ö.mp4', ('h264', 'yuv420p', 64, 48, Fraction(2997, 100))),
    (30000 / 1001, (65, 49), 'a.MP4', ('h264', 'yuv420p', 66, 50, Fraction(30000, 1001))),
    (5, (1, 1), 'a.mp4', ('h264', 'yuv420p', 2, 2, 5)),
    (0.2, (64, 48), 'a.mp4', ('h264', 'yuv420p', 64, 48, Fraction(1, 5))),
    (25, (65, 49), 'sub/a.webm', ('vp9', 'yuv420p', 65, 49, 25)),
])
def test_round_trip(tmp_path, fps, size, name, written):
    path = write(tmp_path / name, fps=fps, size=size)
    stream, frames = read(path)
    assert stream == written
    # Milliseconds are all that .webm has.
    np.testing.assert_allclose([time for _, time in frames], np.arange(6) / fps, atol=5e-4)
    np.testing.assert_allclose(frames[0][0].reshape(-1, 3), np.tile(COLOR, (written[2] * written[3], 1)), atol=6)


def test_odd_sizes_repeat_the_last_column_and_row(tmp_path):
    frame = np.zeros((49, 65, 3), np.uint8)
    frame[:, 64], frame[48] = 255, 255
    with VideoWriter(str(tmp_path / 'a.mp4'), 25, (65, 49)) as writer:
        writer.write(frame)
    picture = read(tmp_path / 'a.mp4')[1][0][0].mean(axis=2)
    assert picture[:46, 64:].min() > 200 and picture[48:].min() > 200 and picture[:46, :62].max() < 40


def test_index_of_an_mp4_lies_before_its_pictures(tmp_path):
    data = open(write(tmp_path / 'a.mp4'), 'rb').read()
    assert 0 < data.index(b'moov') < data.index(b'mdat')


@pytest.mark.parametrize('fps,fraction', [(25, 25), (29.97, Fraction(2997, 100)),
                                          (24000 / 1001, Fraction(24000, 1001)), (1000, 1000), (0.1, Fraction(1, 10))])
def test_frame_rates_are_fractions(fps, fraction):
    assert frame_rate(fps) == fraction


@pytest.mark.parametrize('fps', [59.94006, 25.0004, 7.3141592, 999.9])
def test_frame_rate_is_never_far_off(fps):
    rate = frame_rate(fps)
    assert rate.numerator <= 65535 and abs(float(rate) - fps) * 3600 < 1  # frames in an hour


def test_broken_off_work_keeps_what_was_written(tmp_path):
    path = tmp_path / 'o.mp4'
    path.write_bytes(b'older')
    with pytest.raises(RuntimeError), VideoWriter(str(path), 10, (64, 64)) as writer:
        writer.write(np.zeros((64, 64, 3), np.uint8))
        assert path.read_bytes() == b'older'
        raise RuntimeError
    assert count_frames(str(path)) == 1 and writer.closed
    assert [p.name for p in tmp_path.iterdir()] == ['o.mp4']


def test_two_writers_of_one_file_do_not_mix(tmp_path):
    path = str(tmp_path / 'o.mp4')
    with VideoWriter(path, 10, (64, 64)) as first, VideoWriter(path, 10, (32, 32)) as second:
        for _ in range(3):
            first.write(np.zeros((64, 64, 3), np.uint8))
        second.write(np.zeros((32, 32, 3), np.uint8))
        second.close()
        assert count_frames(path) == 1
    assert count_frames(path) == 3 and len(list(tmp_path.iterdir())) == 1


def test_without_a_frame_nothing_changes(tmp_path):
    path = tmp_path / 'o.mp4'
    path.write_bytes(b'older')
    with VideoWriter(str(path), 10, (64, 64)) as writer:
        pass
    writer.close()
    assert path.read_bytes() == b'older' and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize('limit', [0, 2000, 40_000])
def test_full_disk_keeps_the_older_file(tmp_path, full_disk, limit):
    path = tmp_path / 'o.mp4'
    path.write_bytes(b'older')
    full_disk(limit)
    with pytest.raises(VideoError, match=r'o\.mp4 cannot be written: [^\n]*$'):
        write_noise(path, 60)
    full_disk(None)
    assert path.read_bytes() == b'older' and [p.name for p in tmp_path.iterdir()] == ['o.mp4']


def test_error_at_the_end_does_not_hide_the_one_before(tmp_path, full_disk, monkeypatch):
    told = []
    monkeypatch.setattr(video_writer, 'print_log', lambda message, **_: told.append(message))
    full_disk(100)
    with pytest.raises(RuntimeError, match='the first'), VideoWriter(str(tmp_path / 'o.mp4'), 10, (64, 64)) as writer:
        writer.write(np.zeros((64, 64, 3), np.uint8))
        raise RuntimeError('the first')
    full_disk(None)
    said, = told
    assert 'o.mp4 cannot be written' in said and not list(tmp_path.iterdir())


def test_frames_that_did_not_arrive_are_counted(tmp_path):
    path = tmp_path / 'o.mp4'
    path.write_bytes(b'older')
    writer = VideoWriter(str(path), 10, (64, 64))
    writer.write(np.zeros((64, 64, 3), np.uint8))
    writer.count += 1  # as if one had been lost on the way
    with pytest.raises(VideoError, match=r'o\.mp4 could not be written: 1 of 2 frames'):
        writer.close()
    assert path.read_bytes() == b'older' and len(list(tmp_path.iterdir())) == 1


def test_cut_off_files_have_fewer_frames(tmp_path):
    data = open(write_noise(tmp_path / 'a.mp4', 20), 'rb').read()
    (tmp_path / 'b.mp4').write_bytes(data[:len(data) // 2])
    (tmp_path / 'c.mp4').write_bytes(b'text')
    assert count_frames(str(tmp_path / 'a.mp4')) == 20
    assert 0 < count_frames(str(tmp_path / 'b.mp4')) < 20 and count_frames(str(tmp_path / 'c.mp4')) == 0


@pytest.mark.parametrize('name,fps,size,said', [
    ('o.avi', 10, (64, 64), 'the name has to end so'),
    ('o.mp4', 10, (0, 64), '0x64 pixels'),
    ('o.mp4', 0, (64, 64), '0 frames a second'),
    ('o.mp4', float('nan'), (64, 64), 'nan frames a second'),
    ('o.mp4', 10, (70000, 2), '70000x2 pixels .*libx264: .*mpeg4: '),
    ('file/o.mp4', 10, (64, 64), r'o\.mp4 cannot be written'),
])
def test_what_cannot_be_written_is_one_line(tmp_path, name, fps, size, said):
    (tmp_path / 'file').touch()
    with pytest.raises(VideoError, match=said) as error:
        VideoWriter(str(tmp_path / name), fps, size)
    assert '\n' not in str(error.value) and [p.name for p in tmp_path.iterdir()] == ['file']


def test_frame_of_another_size(tmp_path):
    with pytest.raises(
            ValueError, match='32x48 pixels .* 64x48'), VideoWriter(str(tmp_path / 'a.mp4'), 25, (64, 48)) as writer:
        writer.write(np.zeros((48, 32, 3), np.uint8))


def test_encoder_that_is_not_there_is_left_out_and_the_log_says_so(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(encoders, 'print_log', lambda message, **_: told.append(message))
    missing = Encoder('no_such_encoder')
    monkeypatch.setitem(encoders.ENCODERS, '.mp4', (missing, *MP4_ENCODERS[-1:]))
    path = write(tmp_path / 'a.mp4')
    assert read(path)[0][0] == 'mpeg4' and count_frames(path) == 6
    write(tmp_path / 'a.mp4')
    said, = told
    assert 'written with mpeg4, which browsers do not play' in said and 'no_such_encoder: not built in' in said
    monkeypatch.setitem(encoders.ENCODERS, '.mp4', (missing, ))
    with pytest.raises(VideoError, match=r'no encoder of this PyAV .* \(no_such_encoder: '):
        VideoWriter(str(tmp_path / 'b.mp4'), 25, (64, 48))
    assert [p.name for p in tmp_path.iterdir()] == ['a.mp4']


def test_vp8_is_what_is_left_for_webm(tmp_path, monkeypatch):
    monkeypatch.setitem(encoders.ENCODERS, '.webm', WEBM_ENCODERS[1:])
    stream, frames = read(write(tmp_path / 'a.webm', size=(65, 49)))
    assert stream[:4] == ('vp8', 'yuv420p', 65, 49) and len(frames) == 6


@pytest.mark.slow
@needs_chromium
def test_browser_plays_it_with_its_colors(tmp_path):
    with open_chromium() as driver:
        for name, size, shown in (('a.mp4', (1280, 720), [1280, 720]), ('b.mp4', (641, 361), [642, 362]),
                                  ('c.webm', (641, 361), [641, 361])):
            seen = play(driver, write(tmp_path / name, 25, 12.5, size))
            assert (seen['error'], seen['ready_state'], seen['size']) == (None, 4, shown), name
            assert seen['duration'] == pytest.approx(2, abs=0.01)
            np.testing.assert_allclose(seen['color'], COLOR, atol=6)
        # What this page is about: MPEG-4 part 2 does not play.
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(encoders.ENCODERS, '.mp4', MP4_ENCODERS[-1:])
            assert play(driver, write(tmp_path / 'old.mp4'), seconds=2)['ready_state'] < 4
