"""Decord, and the files that it must not see."""
import numpy as np
import pytest
from helpers.video_files import claim_frames, grey_pictures, number, show_turned, write_frames

from mmstep.video.reading import decord_reader
from mmstep.video.reading.decord_reader import open_video


def test_frames_of_a_file(tmp_path):
    reader = open_video(write_frames(tmp_path / 'a.mp4', grey_pictures(10)))
    assert [number(reader.next().asnumpy()) for _ in range(10)] == list(range(10))


def test_a_claim_that_brings_decord_down_does_not_reach_it(tmp_path):
    path = claim_frames(write_frames(tmp_path / 'a.mp4', grey_pictures(10), bf=0), 10**9)
    with pytest.raises(ValueError, match=r'a\.mp4 claims to have 1000000000 frames'):
        open_video(path)


def test_a_length_that_brings_decord_down_does_not_reach_it(tmp_path):
    """Where a header names no number of frames, decord makes room for all that the length has."""
    path = write_frames(tmp_path / 'a.mkv', grey_pictures(4), fps=12, stamps=[0, 1, 2, 12 * 10**9])
    with pytest.raises(ValueError, match=r'a\.mkv claims to have 120000000\d\d frames'):
        open_video(path)


def test_headers_are_looked_at_once(tmp_path, monkeypatch):
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(10))
    open_video(path)
    monkeypatch.setattr(decord_reader, 'open_container', lambda path: pytest.fail('opened again'))
    open_video(path)


@pytest.mark.parametrize('times', [[0, 0.1, 0.1], [0, np.nan, 0.1], [0, 0.1, 1e14]])
def test_times_that_cannot_be(tmp_path, monkeypatch, times):
    monkeypatch.setattr(decord_reader, 'frame_start_times', lambda reader: np.array(times))
    with pytest.raises(ValueError, match=r'no frame times in .*a\.mp4'):
        open_video(write_frames(tmp_path / 'a.mp4', grey_pictures(3)))


def test_what_is_no_video(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.mp4 does not exist'):
        open_video(str(tmp_path / 'nowhere.mp4'))
    (tmp_path / 'a.mp4').write_bytes(b'text' * 99)
    with pytest.raises(ValueError, match=r'a\.mp4 .* it is text'):
        open_video(str(tmp_path / 'a.mp4'))


def test_turned_pictures_are_not_for_decord(tmp_path):
    path = write_frames(tmp_path / 'a.mp4', grey_pictures(5))
    open_video(path)
    with pytest.raises(ValueError, match=r'a\.mp4 is stored turned, as phones do'):
        open_video(show_turned(path, 1))
