"""Indices of frames kept in little memory."""
import numpy as np
import pytest
from helpers.video_files import grey_pictures, write_frames

from mmstep.video.reading.frame_index import index_frames
from mmstep.video.reading.index_cache import IndexCache, pack_index, unpack_index


def same(one, two):
    return all(
        np.array_equal(a, b) and a.dtype == b.dtype if isinstance(a, np.ndarray) else a == b for a, b in zip(one, two))


@pytest.mark.parametrize('name, options, most', [
    ('a.mp4', dict(), 8),
    ('a.mp4', dict(fps=30), 8),
    ('a.mkv', dict(fps=30), 39),
    ('a.ts', dict(), 8),
    ('a.mp4', dict(stamps=[index + index // 3 for index in range(40)]), 2 * 39),
    ('a.avi', dict(), None),
])
def test_an_index_comes_back_to_the_bit(tmp_path, name, options, most):
    index = index_frames(write_frames(tmp_path / name, grey_pictures(40), g=10, bf=2, **options))
    packed = pack_index(index)
    assert same(unpack_index(packed), index)
    if most is not None:
        assert packed.steps.nbytes <= most and packed.rest.stamps is None and not len(packed.rest.times)


@pytest.mark.parametrize('fps', [24, 25, 30, 50])
def test_rates_of_television(tmp_path, fps):
    from fractions import Fraction
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(40), fps=Fraction(1000 * fps, 1001))
    packed = pack_index(index_frames(path))
    assert packed.steps.nbytes <= 8 and same(unpack_index(packed), index_frames(path))


def test_one_frame_and_times_that_are_not_those_of_the_stamps(tmp_path):
    one = index_frames(write_frames(tmp_path / 'a.mp4', grey_pictures(1)))
    odd = index_frames(write_frames(tmp_path / 'b.mp4', grey_pictures(9)))
    for index in (one, odd._replace(times=odd.times**1.01), odd._replace(stamps=None)):
        assert same(unpack_index(pack_index(index)), index)


def test_each_state_of_a_file_is_listed_once(tmp_path):
    listed = []
    cache = IndexCache(lambda path: listed.append(path) or index_frames(path))
    for count in (5, 9):
        path = write_frames(tmp_path / 'a.mp4', grey_pictures(count))
        assert [len(cache.get(path).times) for _ in range(3)] == [count] * 3
    assert len(listed) == 2
