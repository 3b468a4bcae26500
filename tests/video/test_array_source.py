"""Tests of mmstep.video.array_source: frames in memory, with the interface of a video file."""
import numpy as np
import pytest

from mmstep.apis import ArraySource


@pytest.fixture
def frames():
    """Four pictures, each filled with its number."""
    return np.arange(4, dtype=np.uint8)[:, None, None, None] * np.ones((1, 6, 8, 3), np.uint8)


def test_picture_of_a_time_is_the_one_on_the_screen(frames):
    source = ArraySource(frames, 10)
    # 0.0995 is within a millisecond of the second frame's start.
    shown = source.frames_at([-3, 0, 0.098, 0.0995, 0.25, 9, 0])
    assert [int(picture[0, 0, 0]) for picture in shown] == [0, 0, 0, 1, 2, 3, 0]
    assert all(np.shares_memory(picture, frames) for picture in shown)


def test_size_rate_and_duration(frames):
    source = ArraySource(frames, 8, 'mine')
    assert (source.width, source.height, source.fps, source.duration) == (8, 6, 8, 0.5)
    assert source.times.tolist() == [0, 0.125, 0.25, 0.375] and source.broken_from is None
    assert repr(source) == 'ArraySource(mine: 8x6, 8.00 fps, 0.50 s)'


@pytest.mark.parametrize('wrong,said', [
    (lambda frames: frames.astype(np.float32), r'got float32 \(4, 6, 8, 3\)'),
    (lambda frames: frames[0], r'got uint8 \(6, 8, 3\)'),
    (lambda frames: frames[..., :1], r'got uint8 \(4, 6, 8, 1\)'),
    (lambda frames: frames[:0], r'at least one frame; got uint8 \(0, 6, 8, 3\)'),
])
def test_other_arrays_are_refused(frames, wrong, said):
    with pytest.raises(ValueError, match=said):
        ArraySource(wrong(frames), 10)


@pytest.mark.parametrize('fps', [None, 0, -5, float('nan'), float('inf')])
def test_rate_has_to_be_given(frames, fps):
    with pytest.raises(ValueError, match=f'need fps=, their number a second; got {fps}'):
        ArraySource(frames, fps)
