"""Which frames a file has, and when."""
import av
import numpy as np
import pytest
from helpers.video_files import claim_frames, damage, grey_pictures, textured_pictures, write_frames

from mmstep.errors import VideoError
from mmstep.video.reading.frame_index import frame_rate, index_by_decoding, index_frames, spread_times


@pytest.mark.parametrize('list_frames', [index_frames, index_by_decoding])
@pytest.mark.parametrize('name', ['a.mp4', 'a.mkv', 'a.ts', 'a.mov', 'a.flv'])
def test_times_of_reordered_frames(tmp_path, list_frames, name):
    index = list_frames(write_frames(tmp_path / name, grey_pictures(30), g=10, bf=2))
    np.testing.assert_allclose(index.times, np.arange(30) / 25, atol=1e-3)
    assert index.keys.tolist() == [0, 10, 20] and index.nominal_fps == 25
    assert index.errors == 0 and index.decoded == (list_frames is index_by_decoding)


def test_times_come_without_decoding(tmp_path, monkeypatch):
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(10))
    monkeypatch.setattr('mmstep.video.reading.container.Decoder.frames', lambda self: pytest.fail('decodes'))
    assert len(index_frames(path).times) == 10


def test_variable_rate(tmp_path):
    stamps = [0, 1, 2, 10, 11, 30]
    index = index_frames(write_frames(tmp_path / 'a.mp4', grey_pictures(6), stamps=stamps))
    np.testing.assert_allclose(index.times, np.array(stamps) / 25, atol=1e-6)


def test_bare_stream_has_the_nominal_rate(tmp_path):
    index = index_frames(write_frames(tmp_path / 'a.h264', grey_pictures(20), g=5, bf=2))
    np.testing.assert_allclose(index.times, np.arange(20) / 25)
    assert index.decoded and not len(index.keys)


def test_streams_that_begin_again_are_counted(tmp_path):
    for name in 'ab':
        write_frames(tmp_path / f'{name}.ts', grey_pictures(10))
    (tmp_path / 'c.ts').write_bytes((tmp_path / 'a.ts').read_bytes() + (tmp_path / 'b.ts').read_bytes())
    index = index_frames(str(tmp_path / 'c.ts'))
    np.testing.assert_allclose(index.times, np.arange(20) / 25, atol=1e-3)
    assert index.stamps is None


def test_what_lies_before_an_edit_list_is_not_shown(tmp_path):
    write_frames(tmp_path / 'a.mp4', grey_pictures(20), g=20, bf=0)
    content = bytearray((tmp_path / 'a.mp4').read_bytes())
    entry = content.index(b'elst') + 4 + 8  # duration, then where in the stream it begins
    begin = int.from_bytes(content[entry + 4:entry + 8], 'big')
    with av.open(str(tmp_path / 'a.mp4')) as file:
        step = next(file.demux(video=0)).duration
    content[entry + 4:entry + 8] = (begin + 5 * step).to_bytes(4, 'big')
    (tmp_path / 'a.mp4').write_bytes(bytes(content))
    assert len(index_frames(str(tmp_path / 'a.mp4')).times) == 15
    assert len(index_by_decoding(str(tmp_path / 'a.mp4')).times) == 15


def test_header_that_claims_a_billion_frames(tmp_path):
    index = index_frames(claim_frames(write_frames(tmp_path / 'a.mp4', grey_pictures(24), bf=0), 10**9))
    np.testing.assert_allclose(index.times, np.arange(24) / 25)


def test_a_frame_of_more_than_an_hour_is_not_believed(tmp_path):
    stamps = [0, 1, 2, 3, 25 * 5000, 25 * 5000 + 1]
    index = index_frames(write_frames(tmp_path / 'a.mkv', grey_pictures(6), stamps=stamps))
    np.testing.assert_allclose(index.times, np.arange(6) / 25, atol=1e-3)


def test_promised_length(tmp_path):
    assert index_frames(write_frames(tmp_path / 'a.mp4', grey_pictures(30))).promised == pytest.approx(1.2)
    assert index_frames(write_frames(tmp_path / 'a.mkv', grey_pictures(30))).promised == pytest.approx(1.2, abs=0.05)
    assert index_frames(write_frames(tmp_path / 'a.h264', grey_pictures(30))).promised == 0


def test_frames_that_cannot_be_decoded_are_left_out(tmp_path):
    path = damage(write_frames(tmp_path / 'a.mp4', textured_pictures(20), g=5, bf=0), range(5, 10))
    assert len(index_frames(path).times) == 20
    index = index_by_decoding(path)
    np.testing.assert_allclose(index.times, np.delete(np.arange(20), range(5, 10)) / 25, atol=1e-3)
    assert index.errors and not len(index.keys)
    damage(path, range(20))
    with pytest.raises(VideoError, match=r'a\.mp4: not one frame can be decoded'):
        index_by_decoding(path)


def test_spread_times():
    np.testing.assert_allclose(spread_times(np.array([0, 0.2, 0.1, 0.3]), 10), [0, 0.1, 0.2, 0.3])
    np.testing.assert_allclose(spread_times(np.zeros(3), 50), [0, 0.02, 0.04])
    np.testing.assert_allclose(spread_times(np.full(2, np.nan), 0), [0, 0.04])
    np.testing.assert_allclose(spread_times(np.array([0, 0.1, 1e14, 1e14 + 0.1]), 0), [0, 0.1, 0.2, 0.3], atol=0.01)


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


@pytest.mark.parametrize('step', [10**6])
def test_times_that_lead_too_far_are_not_believed(tmp_path, step):
    # A frame every 11 hours.
    stamps = [index * step for index in range(10)]
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(1) * len(stamps), bf=0, stamps=stamps)
    index = index_frames(path)
    assert index.times[-1] < 100 and index.promised == 0
