"""Frames of a file by number, in any order, as ffmpeg shows them."""
import av
import cv2
import numpy as np
import pytest
from helpers.video_files import damage, grey_pictures, number, show_turned, textured_pictures, write_frames

from mmstep.video.reading.frame_index import index_by_decoding, index_frames
from mmstep.video.reading.frame_reader import DecodeError, FrameReader, turn_upright


def reader(path, **kwargs):
    return FrameReader(path, index_frames(path), **kwargs)


def as_decord(path):
    decord = pytest.importorskip('decord')
    return list(decord.VideoReader(path, num_threads=1).get_batch(range(40)).asnumpy())


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
