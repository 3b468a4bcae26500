"""The copy of a video with what was found drawn in."""
import numpy as np
from helpers.square_detector import SquareDetector, square_config, square_left, write_square_video

from mmstep.apis import (ArraySource, KeyFrame, PersonMatcher, VideoPainter, VideoSource, VideoWriter, detect_video,
                         paint_strip)


def run(path):
    return list(detect_video(SquareDetector(), square_config(), VideoSource(path)))


class Notes:
    """A writer that keeps its frames."""

    def __init__(self):
        self.frames = []

    @property
    def count(self):
        return len(self.frames)

    def write(self, frame):
        self.frames.append(frame)

    def drawn(self):
        return [bool(frame.any()) for frame in self.frames]


def test_painted_copy_has_the_boxes_and_the_frames_of_the_source(tmp_path):
    path = write_square_video(tmp_path / 'a.mp4', seconds=2.5)
    source, matcher = VideoSource(path), PersonMatcher()
    with VideoWriter(str(tmp_path / 'o.mp4'), source.fps, (source.width, source.height)) as writer:
        painter = VideoPainter(VideoSource(path), writer, reach=1.0)
        for key_frame in detect_video(SquareDetector(), square_config(), source):
            matcher.update(key_frame)
            painter.add(key_frame)
        painter.finish()
    copy = VideoSource(str(tmp_path / 'o.mp4'))
    assert len(copy.times) == len(source.times) and copy.fps == source.fps
    for time in (0.1, 0.6, 1.5, 2.3):
        frame = copy.frames_at([time])[0].astype(int)
        # The left edge of the box: a column with the colour of person 0, near the square's own edge.
        coloured = (frame[36:64].max(axis=-1) - frame[36:64].min(axis=-1) > 30).mean(axis=0) > 0.7
        columns = np.where(coloured)[0]
        assert np.abs(columns - square_left(time)).min() <= 4 and np.abs(columns - square_left(time) - 40).min() <= 4


def test_strip_has_a_row_for_each_step(tmp_path):
    path = write_square_video(tmp_path / 'a.mp4', seconds=2)
    key_frames = run(path)
    strip = paint_strip(VideoSource(path), key_frames, height=100)
    assert strip.dtype == np.uint8 and 200 < strip.shape[0] < 300 and 400 < strip.shape[1] < 600


def test_frames_are_painted_as_far_as_is_known(walker):
    writer = Notes()
    source = ArraySource(np.zeros((30, 64, 96, 3), np.uint8), fps=10)
    painter = VideoPainter(source, writer, reach=0.45)
    counts = []
    for key_frame in (KeyFrame(0.0, [walker(20, 0.0, 1)]), KeyFrame(1.5, [walker(20, 1.5, 1)])):
        painter.add(key_frame)
        counts.append(writer.count)
    painter.finish()
    assert counts == [0, 15] and writer.count == 30
    # Nobody is shown further than 0.45 s from a key time.
    assert [index for index, drawn in enumerate(writer.drawn()) if drawn] == [0, 1, 2, 3, 4, *range(11, 20)]


def test_damage_found_on_the_way_ends_the_copy():
    writer = Notes()

    class Damaged(ArraySource):
        duration = 3.0

    source = Damaged(np.zeros((30, 64, 96, 3), np.uint8), fps=10)
    painter = VideoPainter(source, writer, reach=1.0)
    painter.add(KeyFrame(1.0, []))
    source.duration = 1.2
    painter.finish()
    assert writer.count == 12


def test_strip_without_steps_has_one_row(walker):
    source = ArraySource(np.zeros((10, 50, 100, 3), np.uint8), fps=10)
    key_frames = [KeyFrame(0.0, [walker(20, 0.0)]), KeyFrame(0.5, [walker(20, 0.5)])]
    one = paint_strip(source, key_frames, height=100)
    for key_frame in key_frames:
        key_frame.steps = [key_frame.persons] * 2
    assert 100 < one.shape[0] < 200 < paint_strip(source, key_frames, height=100).shape[0]
