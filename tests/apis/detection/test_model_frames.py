"""Frames at the model's rate and the flow between them."""
import numpy as np
import pytest
from helpers.memory import kept_alive

from mmstep.apis import VideoError, WindowLayout
from mmstep.apis.detection.model_frames import ModelFrames, last_model_frame
from mmstep.apis.detection.window_buffer import WindowBuffer
from mmstep.apis.flow_settings import FlowSettings

# 6 frames, 3 before the key frame; two maps stacked for each.
LAYOUT = WindowLayout(clip_len=2, num_clips=3, fps=10, temporal_stride=1, num_flows=2)


class Preparation:
    """Leaves pictures as they are; a flow map holds the numbers of its two frames."""

    def __init__(self, with_pictures=True):
        self.flow = FlowSettings(2, with_pictures)
        self.pairs = []

    def prepare(self, picture):
        return picture

    def grey(self, picture):
        return picture[..., 0].copy()

    def make_flow(self, first, second):
        self.pairs.append((int(first[0, 0]), int(second[0, 0])))
        return np.stack([first, second], axis=2).astype(np.float16)


def picture(number, size=(6, 4)):
    return np.full((size[1], size[0], 3), number, np.uint8)


def feed(buffer, times, end=True):
    windows = [window for number, time in enumerate(times) for window in buffer.add(picture(number), time)]
    return windows + (list(buffer.finish()) if end else [])


def frames_of(window):
    return [int(frame[0, 0, 0]) for frame in window.frames]


def pairs_of(window):
    return [tuple(int(value) for value in flow[0, 0]) for flow in window.maps()]


def test_flow_of_the_first_pair_stands_before_the_start_and_of_the_last_one_after_the_end():
    windows = feed(WindowBuffer(LAYOUT, 2, Preparation()), np.arange(6) / 10)
    assert [frames_of(window) for window in windows] == [[0, 0, 0, 0, 1, 2], [0, 0, 1, 2, 3, 4], [1, 2, 3, 4, 5, 5]]
    assert [pairs_of(window) for window in windows] == [
        [(0, 1)] * 4 + [(1, 2), (2, 3), (3, 4)],
        [(0, 1)] * 2 + [(1, 2), (2, 3), (3, 4), (4, 5), (4, 5)],
        [(1, 2), (2, 3), (3, 4)] + [(4, 5)] * 4,
    ]


def test_each_pair_is_made_once_and_not_before_it_is_asked_for():
    preparation = Preparation()
    windows = feed(WindowBuffer(LAYOUT, 2, preparation), np.arange(9) / 10)
    assert preparation.pairs == []
    windows[1].maps()
    assert preparation.pairs == [(number, number + 1) for number in range(6)]
    for window in windows:
        window.maps()
    assert preparation.pairs == [(number, number + 1) for number in range(8)]


def test_frames_that_come_at_another_rate():
    # On the screen at 0, 0.1 ... 0.5 are 0, 1, 1, 1, 3, 4, the last frame.
    window = feed(WindowBuffer(LAYOUT, 5, Preparation()), [0, 0.1, 0.35, 0.4, 0.5])[0]
    assert pairs_of(window) == [(0, 1)] * 4 + [(1, 1), (1, 1), (1, 3)]


def test_window_comes_when_its_last_flow_is_known():
    buffer = WindowBuffer(LAYOUT, 2, Preparation())
    assert LAYOUT.num_after == 4
    counts = [len(list(buffer.add(picture(number), number / 10))) for number in range(8)]
    assert counts == [0, 0, 0, 0, 0, 1, 0, 1]


def test_no_flow_across_frames_that_no_window_needs():
    windows = feed(WindowBuffer(LAYOUT, 20, Preparation()), np.arange(30) / 10)
    assert pairs_of(windows[1]) == [(number, number + 1) for number in range(17, 24)]


def test_a_model_of_flow_alone_has_no_pictures():
    window = feed(WindowBuffer(LAYOUT, 2, Preparation(with_pictures=False)), np.arange(6) / 10)[0]
    assert window.frames == [] and window.img_shape == (4, 6) and window.size == (6, 4)
    assert len(window.maps()) == 7 and pairs_of(window)[2:5] == [tuple(flow[0, 0]) for flow in window.maps(2, 3)]


def test_one_frame_has_no_flow():
    buffer = WindowBuffer(LAYOUT, 2, Preparation())
    list(buffer.add(picture(0), 0.0))
    with pytest.raises(VideoError, match='there is one frame, .* needs two'):
        list(buffer.finish())
    assert len(feed(buffer, [0.0, 0.1])) == 1


def test_size_may_not_change_between_frames_with_flow():
    buffer = WindowBuffer(LAYOUT, 2, Preparation(with_pictures=False))
    list(buffer.add(picture(0), 0.0))
    list(buffer.add(picture(1, size=(8, 8)), 0.1))
    with pytest.raises(VideoError, match='changes from 6x4 to 8x8, and there is no optical flow'):
        list(buffer.add(picture(2, size=(8, 8)), 0.2))


@pytest.mark.parametrize('hop', [2, 7])
@pytest.mark.parametrize('made', [True, False])
def test_memory_holds_one_window(hop, made):
    counts = []
    buffer = WindowBuffer(LAYOUT, hop, Preparation())
    for number in range(200):
        for window in buffer.add(picture(number % 256), number / 10):
            window.maps() if made else None
        window = None
        counts.append(len(kept_alive(buffer, np.ndarray)))
    # Frames and flow of a window and of what leads to and from it, and the newest picture; grey ones if none is made.
    assert max(counts) <= 3 * (LAYOUT.num_frames + LAYOUT.num_flows + 2)
    assert max(counts[20:110]) == max(counts[110:])


@pytest.mark.parametrize('last,fps,number', [(0.0, 25, 0), (0.04, 25, 1), (99 / 25, 25, 99), (0.9, 10, 9),
                                             (0.95, 10, 10), (0.9005, 10, 9), (2.0, 0.4, 1)])
def test_the_model_frame_that_first_shows_the_last_picture(last, fps, number):
    assert last_model_frame(last, fps) == number


def test_frames_are_forgotten():
    frames = ModelFrames(LAYOUT, Preparation())
    for number in range(11):
        frames.show(picture(number))
        frames.add(number)
    assert frames_of(frames.window(0, 3, 0.3)) == list(range(6))
    frames.forget(frames.first_needed(6))
    assert frames_of(frames.window(0, 6, 0.6)) == list(range(3, 9))
    with pytest.raises(KeyError):
        frames.window(0, 3, 0.3)
