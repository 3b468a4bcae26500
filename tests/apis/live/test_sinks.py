"""Windows that can be opened, and files that play as fast as their pictures came."""
import cv2
import numpy as np
import pytest
from helpers.chromium import needs_chromium, open_chromium, play

from mmstep.apis import VideoSource
from mmstep.apis.live import PacedWriter, open_window, sinks
from mmstep.errors import LaunchError


def picture(value):
    return np.full((48, 64, 3), value, np.uint8)


def written(path):
    source = VideoSource(str(path))
    return source, [int(source.frames_at([time])[0].mean()) for time in source.times]


def test_file_plays_as_fast_as_the_pictures_came(tmp_path):
    writer = PacedWriter(str(tmp_path / 'a.mp4'), 10, (64, 48))
    for index, time in enumerate([100.0, 100.5, 100.55, 101.0]):
        assert writer.show(picture(40 * index + 20), time)
    writer.close()
    source, values = written(tmp_path / 'a.mp4')
    assert source.fps == 10 and len(values) == 11
    # The second is replaced by the third at once: half a picture.
    np.testing.assert_allclose(values, [20] * 5 + [100] * 5 + [140], atol=42)
    np.testing.assert_allclose([values[0], values[4], values[9], values[10]], [20, 20, 100, 140], atol=4)


def test_picture_drawn_again_replaces_the_last_one(tmp_path):
    writer = PacedWriter(str(tmp_path / 'a.mp4'), 10, (64, 48))
    for value, time in ((20, 0.0), (200, 0.0), (60, 0.1)):
        writer.show(picture(value), time)
    writer.close()
    np.testing.assert_allclose(written(tmp_path / 'a.mp4')[1], [200, 60], atol=4)


def test_time_without_a_stream_is_cut_out(tmp_path):
    writer = PacedWriter(str(tmp_path / 'a.mp4'), 10, (64, 48))
    for time in (0.0, 0.1, 3600.0, 3600.1):
        writer.show(picture(100), time)
    writer.close()
    assert len(written(tmp_path / 'a.mp4')[1]) == 4


def test_nothing_shown_leaves_no_file(tmp_path):
    PacedWriter(str(tmp_path / 'a.mp4'), 10, (64, 48)).close()
    assert not list(tmp_path.iterdir())


def test_broken_off_session_keeps_what_was_shown(tmp_path):
    with pytest.raises(RuntimeError, match='camera'), PacedWriter(str(tmp_path / 'a.mp4'), 10, (64, 48)) as writer:
        for index in range(3):
            writer.show(picture(100), index / 10)
        raise RuntimeError('camera')
    assert len(written(tmp_path / 'a.mp4')[1]) == 3


@pytest.mark.slow
@needs_chromium
def test_file_plays_in_a_browser(tmp_path):
    with PacedWriter(str(tmp_path / 'a.mp4'), 15, (640, 360)) as writer:
        for index in range(30):
            writer.show(np.full((360, 640, 3), 8 * index, np.uint8), 50 + index / 15)
    with open_chromium() as driver:
        seen = play(driver, tmp_path / 'a.mp4')
    assert (seen['error'], seen['ready_state'], seen['size']) == (None, 4, [640, 360])
    assert seen['duration'] == pytest.approx(2, abs=0.01) and min(seen['color']) > 220


def test_no_window_can_be_opened(monkeypatch):

    def no_screen(title):
        raise OSError('no screen')

    monkeypatch.setattr(sinks.OpenCVWindow, '__init__', lambda self, title: no_screen(title))
    monkeypatch.setattr(sinks.TkWindow, '__init__', lambda self, title: no_screen(title))
    with pytest.raises(LaunchError, match=r'no screen.*--serve 8000.*--out FILE.mp4 --no-display'):
        open_window('title')


def test_second_kind_of_window_is_taken(monkeypatch):

    def headless(self, title):
        raise OSError('headless')

    monkeypatch.setattr(sinks.OpenCVWindow, '__init__', headless)
    monkeypatch.setattr(sinks.TkWindow, '__init__', lambda self, title: None)
    assert isinstance(open_window('title'), sinks.TkWindow)


def test_headless_opencv_is_told_without_trying(monkeypatch):
    monkeypatch.setattr(cv2, 'getBuildInformation', lambda: '  GUI:                           NONE\n')
    with pytest.raises(OSError, match='headless'):
        sinks.OpenCVWindow('title')
