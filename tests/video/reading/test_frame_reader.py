"""Frames of a file by number, in any order, as ffmpeg shows them."""
import gc
import os

import av
import cv2
import numpy as np
import pytest
from helpers.video_files import damage, grey_pictures, number, show_turned, textured_pictures, write_frames

from mmstep.video.reading.container import Decoder
from mmstep.video.reading.frame_index import index_by_decoding, index_frames
from mmstep.video.reading.frame_reader import DecodeError, FrameReader, turn_upright


def reader(path, **kwargs):
    return FrameReader(path, index_frames(path), **kwargs)


def as_decord(path):
    decord = pytest.importorskip('decord')
    return list(decord.VideoReader(path, num_threads=1).get_batch(range(40)).asnumpy())


def times_open(path):
    """How often this process has a file open."""
    links = (f'/proc/self/fd/{number}' for number in os.listdir('/proc/self/fd'))
    return [os.path.realpath(link) for link in links if os.path.exists(link)].count(os.path.realpath(path))


def test_the_file_is_let_go_with_the_reader(tmp_path):
    """At once, not when Python next looks for objects that hold each other."""
    path = write_frames(tmp_path / 'a.mp4', textured_pictures(40), g=10, bf=2)
    gc.disable()
    try:
        readers = [reader(path) for _ in range(3)]
        readers[0].expect([3, 30])
        readers[0].read(3)
        assert times_open(path) == 3
        readers.clear()
        assert times_open(path) == 0
    finally:
        gc.enable()


@pytest.mark.parametrize('parallel', [False, True])
def test_pictures_are_those_of_decord(tmp_path, parallel):
    path = write_frames(tmp_path / 'a.mp4', textured_pictures(40, (656, 480)), g=12, bf=2, crf=30)
    ours = reader(path, parallel=parallel)
    for index, picture in enumerate(as_decord(path)):
        np.testing.assert_array_equal(ours.read(index), picture)


@pytest.mark.parametrize('name, codec', [('a.mp4', 'libx264'), ('a.mkv', 'libx264'), ('a.ts', 'libx264'),
                                         ('a.webm', 'libvpx-vp9'), ('a.mov', 'mpeg4'), ('a.mpg', 'mpeg2video'),
                                         ('a.h264', 'libx264'), ('a.flv', 'libx264'), ('a.m4v', 'mpeg4')])
def test_any_order_gives_what_reading_on_gives(tmp_path, name, codec):
    path = write_frames(tmp_path / name, textured_pictures(40), codec=codec, g=10, bf=2)
    one, order = reader(path), np.random.default_rng(0).permutation(40).tolist()
    expected = [one.read(index) for index in range(40)]
    another = reader(path)
    for index in [39, *order]:
        np.testing.assert_array_equal(another.read(index), expected[index])


def test_back_is_from_the_key_frame(tmp_path, monkeypatch):
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(40), g=10, bf=2)
    ours, opened = reader(path), []
    assert number(ours.read(38)) == 38
    monkeypatch.setattr('mmstep.video.reading.frame_reader.open_container', lambda *args: opened.append(args))
    assert [number(ours.read(index)) for index in (25, 12, 13, 35, 19)] == [25, 12, 13, 35, 19]
    assert not opened


def test_ten_bits(tmp_path):
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(40), pix_fmt='yuv420p10le')
    assert [number(reader(path).read(index)) for index in (0, 20, 39)] == [0, 20, 39]


@pytest.mark.parametrize('quarters', [0, 1, 2, 3])
def test_pictures_come_upright(tmp_path, quarters):
    picture = np.zeros((48, 96, 3), np.uint8)
    picture[:16, :32] = (255, 0, 0)
    path = show_turned(write_frames(tmp_path / 'a.mp4', [picture] * 3), quarters)
    upright = np.rot90(picture, -quarters)
    found = reader(path).read(1)
    assert found.shape == upright.shape and found.flags.c_contiguous
    assert np.abs(found.astype(int) - upright).mean() < 6


@pytest.mark.parametrize('matrix, expected', [
    ((1, 0, 0, 1), [[1, 2], [3, 4]]),
    ((-1, 0, 0, 1), [[2, 1], [4, 3]]),
    ((1, 0, 0, -1), [[3, 4], [1, 2]]),
    ((-1, 0, 0, -1), [[4, 3], [2, 1]]),
    ((0, 1, -1, 0), [[3, 1], [4, 2]]),
    ((0, -1, 1, 0), [[2, 4], [1, 3]]),
    ((0, 1, 1, 0), [[1, 3], [2, 4]]),
    ((0, -1, -1, 0), [[4, 2], [3, 1]]),
])
def test_the_eight_ways_to_hold_a_phone(matrix, expected):
    a, b, c, d = matrix
    picture = np.array([[1, 2], [3, 4]], np.uint8)[..., None].repeat(3, axis=2)
    turned = turn_upright(picture, np.array([a, b, 0, c, d, 0, 0, 0, 2**30], np.int32))
    np.testing.assert_array_equal(turned[..., 0], expected)


def test_size_that_changes_on_the_way(tmp_path):
    write_frames(tmp_path / 'a.ts', grey_pictures(10))
    write_frames(tmp_path / 'b.ts', [cv2.resize(picture, (128, 96)) for picture in grey_pictures(10)])
    (tmp_path / 'c.ts').write_bytes((tmp_path / 'a.ts').read_bytes() + (tmp_path / 'b.ts').read_bytes())
    ours = reader(str(tmp_path / 'c.ts'))
    pictures = [ours.read(index) for index in range(20)]
    assert {picture.shape for picture in pictures} == {(48, 64, 3)}
    assert [number(picture) for picture in pictures] == [*range(10), *range(10)]


def test_damage_is_met_where_it_is(tmp_path):
    path = damage(write_frames(tmp_path / 'a.mp4', textured_pictures(20), g=5, bf=0), range(5, 10))
    ours = reader(path)
    ours.read(4)
    for _ in range(2):
        with pytest.raises(DecodeError, match='frame 5 cannot be decoded') as caught:
            ours.read(6)
        assert caught.value.index == 5
    whole = FrameReader(path, index_by_decoding(path))
    with av.open(path) as file:
        shown = []
        for packet in file.demux(video=0):
            try:
                shown.extend(frame.pts for frame in packet.decode())
            except av.FFmpegError:
                pass
    assert len(shown) == 15 and [whole.read(index).shape for index in range(15)] == [(48, 64, 3)] * 15


def test_numbers_outside(tmp_path):
    ours = reader(write_frames(tmp_path / 'a.mp4', grey_pictures(3)))
    for outside in (-1, 3):
        with pytest.raises(DecodeError):
            ours.read(outside)


KINDS = {
    'plain.mp4': dict(g=12, bf=2, sc_threshold=0),
    'pyramid.mp4': dict(g=30, bf=3, **{'x264-params': 'b-pyramid=normal:b-adapt=0:scenecut=0'}),
    'strict.mkv': dict(g=30, bf=3, **{'x264-params': 'b-pyramid=strict:b-adapt=0:scenecut=0'}),
    'open.mp4': dict(g=15, bf=3, **{'x264-params': 'open-gop=1:b-adapt=0:scenecut=0'}),
    'refresh.mkv': dict(g=20, bf=0, **{'x264-params': 'intra-refresh=1:scenecut=0'}),
    'all_keys.mp4': dict(g=1),
    'interlaced.mp4': dict(g=12, bf=2, flags='+ildct+ilme', **{'x264-params': 'tff=1:scenecut=0'}),
    'stream.ts': dict(g=10, bf=2, sc_threshold=0),
    'changes.mp4': dict(g=20, bf=3, sc_threshold=0, stamps=[index + 3 * (index // 4) for index in range(60)]),
    'b.mkv': dict(codec='mpeg4', g=12, bf=2),
    'c.webm': dict(codec='libvpx-vp9', g=12),
    'd.mkv': dict(codec='mjpeg', pix_fmt='yuvj420p'),
    'e.mpg': dict(codec='mpeg2video', g=12, bf=2),
}


@pytest.mark.parametrize('name', KINDS)
def test_expected_frames_are_the_same_as_all(tmp_path, name):
    path = write_frames(tmp_path / name, textured_pictures(60), **KINDS[name])
    plain, expecting = reader(path), reader(path)
    whole = [plain.read(index) for index in range(60)]
    rng = np.random.default_rng(0)
    for _ in range(25):
        chosen = np.sort(rng.choice(60, rng.integers(1, 12), replace=False)).tolist()
        expecting.expect(chosen)
        for index in chosen:
            np.testing.assert_array_equal(expecting.read(index), whole[index])
    # Without expectations again, on from where it stands and back.
    expecting.expect([10, 20, 30])
    expecting.read(10)
    expecting.expect([])
    for index in [11, 12, 40, 5, *range(60)]:
        np.testing.assert_array_equal(expecting.read(index), whole[index])


@pytest.mark.parametrize('name, share', [('pyramid.mp4', 0.6), ('d.mkv', 0.2)])
def test_others_are_left_out(tmp_path, monkeypatch, name, share):
    path = write_frames(tmp_path / name, textured_pictures(60), **KINDS[name])
    decoded = []
    frames = Decoder.frames
    monkeypatch.setattr(Decoder, 'frames', lambda self: (decoded.append(0) or frame for frame in frames(self)))
    ours = reader(path)
    ours.expect([25, 29])
    assert [ours.read(index).shape for index in (25, 29)] == [(48, 64, 3)] * 2
    assert len(decoded) <= share * 30


def test_damage_on_the_way_to_an_expected_frame(tmp_path):
    path = damage(write_frames(tmp_path / 'a.mp4', textured_pictures(20), g=10, bf=0, sc_threshold=0), range(5, 8))
    ours = reader(path)
    ours.expect([3, 9, 12])
    assert ours.read(3).shape == (48, 64, 3)
    with pytest.raises(DecodeError):
        ours.read(9)
    ours.expect([12])
    np.testing.assert_array_equal(ours.read(12), reader(path).read(12))
