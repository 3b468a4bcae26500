"""Tests of mmstep.video.recording.

A stream that is kept on the disk while it is read, so that it can be drawn on afterwards.
"""
import numpy as np

from mmstep.apis import VideoSource
from mmstep.video.recording import Recording

SIZE = (64, 48)


class Stream:
    """Grey pictures, each brighter than the one before, at given times."""
    path, fps, broken_from, width, height = 'rtsp://host/a', 10.0, None, *SIZE

    def __init__(self, *times):
        self._times = times

    def __iter__(self):
        for number, time in enumerate(self._times):
            yield np.full((SIZE[1], SIZE[0], 3), 40 * number + 20, np.uint8), time


def numbers(path):
    """Which picture of the stream each frame of a file is."""
    source = VideoSource(path)
    return [round((source.frames_at([time])[0].mean() - 20) / 40) for time in source.times]


def test_late_pictures_repeat_the_one_before_and_early_ones_are_left_out(tmp_path):
    recording = Recording(Stream(0.0, 0.1, 0.4, 0.42, 0.5), str(tmp_path / 'a.mp4'))
    seen = [(round((frame.mean() - 20) / 40), time) for frame, time in recording]
    assert seen == [(0, 0.0), (1, 0.1), (2, 0.4), (3, 0.42), (4, 0.5)]
    assert numbers(recording.file) == [0, 1, 1, 1, 3, 4]
    assert (recording.path, recording.fps, recording.width, recording.height) == ('rtsp://host/a', 10, *SIZE)


def test_what_was_read_stays_when_reading_is_broken_off(tmp_path):
    recording = Recording(Stream(0.0, 0.1, 0.2, 0.3), str(tmp_path / 'a.mp4'))
    frames = iter(recording)
    for _ in range(3):
        next(frames)
    frames.close()
    assert numbers(recording.file) == [0, 1]


def test_removal_leaves_nothing_even_if_there_was_nothing(tmp_path):
    recording = Recording(Stream(0.0, 0.1), str(tmp_path / 'a.mp4'))
    recording.remove()
    list(recording)
    recording.remove()
    assert not list(tmp_path.iterdir())
