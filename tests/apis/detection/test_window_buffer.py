"""Windows put together from frames of any rate."""
import numpy as np
import pytest

from mmstep.apis import VideoError, WindowLayout
from mmstep.apis.detection.window_buffer import WindowBuffer

LAYOUT = WindowLayout(clip_len=2, num_clips=3, fps=10, temporal_stride=1)  # 6 frames, 3 before the key frame


class Preparation:
    """Leaves pictures as they are, and notes which ones it was given."""
    flow = None

    def __init__(self):
        self.seen = []

    def prepare(self, picture):
        self.seen.append(int(picture[0, 0, 0]))
        return picture


def picture(number, size=(6, 4)):
    return np.full((size[1], size[0], 3), number, np.uint8)


def feed(buffer, times, end=True):
    """The windows of pictures that are numbered from 0: key, time and the numbers of the frames."""
    windows = [window for number, time in enumerate(times) for window in buffer.add(picture(number), time)]
    windows += buffer.finish() if end else []
    return [(window.key, pytest.approx(window.time), [int(frame[0, 0, 0]) for frame in window.frames])
            for window in windows]


def test_windows_of_frames_at_the_models_rate():
    assert feed(WindowBuffer(LAYOUT, 2, Preparation()), 7 + np.arange(5) / 10) == [(0, 7.0, [0, 0, 0, 0, 1, 2]),
                                                                                   (2, 7.2, [0, 0, 1, 2, 3, 4]),
                                                                                   (4, 7.4, [1, 2, 3, 4, 4, 4])]


def test_uneven_frames_are_repeated_or_left_out():
    # On the screen at 0, 0.1 ... 0.5 are 0, 1, 1, 1, 3, 4.
    assert feed(WindowBuffer(LAYOUT, 5, Preparation()), [0, 0.1, 0.35, 0.4, 0.5]) == [(0, 0.0, [0, 0, 0, 0, 1, 1]),
                                                                                      (5, 0.5, [1, 1, 3, 4, 4, 4])]


def test_window_comes_with_the_frame_after_its_last_one():
    buffer = WindowBuffer(LAYOUT, 2, Preparation())
    counts = [len(list(buffer.add(picture(number), number / 10))) for number in range(6)]
    assert counts == [0, 0, 0, 1, 0, 1]


def test_pictures_are_prepared_once_and_only_if_a_window_holds_them():
    preparation = Preparation()
    windows = feed(WindowBuffer(LAYOUT, 10, preparation), np.arange(21) / 10, end=False)
    assert windows == [(0, 0.0, [0, 0, 0, 0, 1, 2]), (10, 1.0, [7, 8, 9, 10, 11, 12])]
    assert preparation.seen == [0, 1, 2, 7, 8, 9, 10, 11, 12, 17, 18, 19]


def test_next_video_shares_nothing_with_the_one_before():
    buffer = WindowBuffer(LAYOUT, 2, Preparation())
    feed(buffer, [5.0, 5.1])
    list(buffer.add(picture(9, size=(8, 8)), 0.0))
    window, = buffer.finish()
    assert (window.video, window.key, window.time, window.size) == (1, 0, 0.0, (8, 8))
    assert {int(frame[0, 0, 0]) for frame in window.frames} == {9}
    assert list(buffer.finish()) == []


def test_size_may_not_change_unless_frames_are_brought_to_one():
    buffer = WindowBuffer(LAYOUT, 2, Preparation())
    list(buffer.add(picture(0), 0.0))
    list(buffer.add(picture(1, size=(8, 8)), 0.1))
    with pytest.raises(VideoError, match='changes from 6x4 to 8x8'):
        list(buffer.add(picture(2, size=(8, 8)), 0.2))


def test_wrong_times_and_pictures_are_refused():
    buffer = WindowBuffer(LAYOUT, 2, Preparation())
    list(buffer.add(picture(0), 1.0))
    for time in (1.0, 0.5, float('nan')):
        with pytest.raises(ValueError, match=f'ascend: {time} s came after 1.0 s'):
            list(buffer.add(picture(1), time))
    for wrong, said in ((picture(1)[:0], r'uint8 \(0, 6, 3\)'), (None, 'NoneType')):
        with pytest.raises(ValueError, match=said):
            list(buffer.add(wrong, 2.0))
