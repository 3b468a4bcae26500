"""LiveSource: a stream in real time, files at their own speed, cameras that break and come back."""
import threading

import cv2
import numpy as np
import pytest
from helpers.mjpeg_camera import MjpegCamera, picture_number
from helpers.square_detector import write_square_video

from mmstep.errors import VideoError
from mmstep.utils.backoff import Backoff
from mmstep.video import live_source
from mmstep.video.live_source import LiveSource
from mmstep.video.stream_source import StreamSource


class FakeDevice:
    """A cv2.VideoCapture that gives some frames and then none."""

    def __init__(self, count, fps=30, length=-9e18):
        self.left, self.fps, self.length, self.released = count, fps, length, False

    def read(self):
        if self.left <= 0:
            return False, None
        self.left -= 1
        return True, np.full((4, 6, 3), (0, 0, 200), np.uint8)

    def grab(self):
        self.left -= 1
        return self.left >= 0

    def retrieve(self):
        return True, np.zeros((4, 6, 3), np.uint8)

    def get(self, prop):
        return {cv2.CAP_PROP_FPS: self.fps, cv2.CAP_PROP_FRAME_COUNT: self.length}.get(prop, 0)

    def release(self):
        self.released = True


class FakeStop:
    """An event whose waits are noted instead of waited for."""

    def __init__(self, after=10**6):
        self.waits, self.after = [], after

    def is_set(self):
        return len(self.waits) >= self.after

    def wait(self, seconds):
        self.waits.append(seconds)
        return self.is_set()


def opens(*devices):
    """Opens these devices, one at each attempt."""
    queue = iter(devices)
    return lambda address: StreamSource(address, opener=lambda _: next(queue))


def camera(counts, stop, said, **kwargs):
    """A camera that gives so many frames at each attempt to open it."""
    devices = [FakeDevice(count) for count in counts]
    return LiveSource(0, stop, said.append, open_stream=opens(*devices), **kwargs), devices


def test_broken_camera_is_opened_again_after_growing_waits():
    stop, said = FakeStop(after=7), []
    source, devices = camera([2, 0, 0, 0, 3, 0, 0, 0], stop, said, backoff=Backoff(first=1, most=4))
    frames = list(source)
    assert len(frames) == 5 and source.breaks == 2
    # Four attempts until it is back; after that the waits begin anew.
    assert stop.waits == [1, 2, 4, 4, 1, 2, 4]
    assert all(device.released for device in devices[:7])
    assert said[:4] == [f'no picture comes from camera 0 any more. Trying again in {wait} s' for wait in (1, 2, 4, 4)]
    assert said[4] == '' and said[5].endswith('in 1 s')


def test_frame_that_comes_once_does_not_end_the_growth():
    stop = FakeStop(after=4)
    source, _ = camera([1, 1, 1, 1, 1], stop, [], backoff=Backoff(first=1, most=9))
    list(source)
    assert stop.waits == [1, 2, 4, 8]


def test_frames_are_rgb_and_their_times_ascend():
    stop = FakeStop(after=1)
    source, _ = camera([50, 0], stop, [])
    frames, times = zip(*source)
    assert (source.width, source.height) == (6, 4)
    assert frames[0][0, 0].tolist() == [200, 0, 0] and (np.diff(times) > 0).all()


def test_stop_ends_the_iteration():
    stop = threading.Event()
    source, devices = camera([10**6], stop, [])
    for number, _ in enumerate(source):
        if number == 5:
            stop.set()
    assert number == 5 and devices[0].released


@pytest.mark.parametrize('address,said', [
    (0, 'camera 0. Is it plugged in'),
    ('rtsp://user:secret@host/1', 'rtsp://host/1. Is the address right'),
    ('no/where.mp4', 'no/where.mp4 does not exist'),
])
def test_what_cannot_be_opened_at_the_start_is_an_error(address, said):
    with pytest.raises(VideoError) as error:
        LiveSource(address, FakeStop(), print, open_stream=opens(FakeDevice(0)))
    assert said in str(error.value) and 'secret' not in str(error.value)


def test_file_that_is_no_video(tmp_path):
    (tmp_path / 'text.mp4').write_text('text')
    with pytest.raises(VideoError, match='not a video'):
        LiveSource(str(tmp_path / 'text.mp4'), FakeStop(), print)


def test_file_is_played_at_its_speed_and_ends(tmp_path):
    path = write_square_video(tmp_path / 'a.mp4', seconds=2, fps=24)
    stop, said = FakeStop(), []
    times = [time for _, time in LiveSource(path, stop, said.append)]
    assert len(times) == 48 and not said
    np.testing.assert_allclose(np.diff(times), 1 / 24, atol=2e-3)
    # It would have waited for each frame until its time: 47/24 s in all, of which this test waited none.
    assert max(stop.waits) == pytest.approx(47 / 24, abs=1)


def test_late_frames_of_a_file_are_left_out(monkeypatch):
    clock, stop = [100.0], FakeStop()
    monkeypatch.setattr(live_source.time, 'monotonic', lambda: clock[0])
    monkeypatch.setattr(stop, 'wait', lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    times = []
    for _, time in LiveSource('http://host/a.mp4', stop, print, open_stream=opens(FakeDevice(20, 10, 20))):
        if not times:
            clock[0] += 1.05  # the first frame takes so long, so that those up to 0.8 s are over
        times.append(time)
        assert 0 <= clock[0] - time <= 1.05
    np.testing.assert_allclose(times, 100 + np.array([0, *np.arange(9, 20) / 10]))


def test_video_of_known_length_at_an_address_is_played_like_a_file():
    stop, said = FakeStop(), []
    source = LiveSource('http://host/a.mp4', stop, said.append, open_stream=opens(FakeDevice(12, length=12)))
    assert len(list(source)) == 12 and not said and source.breaks == 0
    assert 0 < max(stop.waits) <= 11 / 30


@pytest.mark.slow
def test_http_stream_that_breaks_and_comes_back():
    said, stop, seen = [], threading.Event(), []
    with MjpegCamera(fps=25) as camera:
        source = LiveSource(camera.address, stop, said.append, backoff=Backoff(first=0.1, most=0.2))
        for frame, time in source:
            # Each picture is the one of the moment: nothing waits in a buffer.
            behind = (int((time - camera.begin) * camera.fps) - picture_number(frame)) % 25
            seen.append((camera.connections, behind))
            if len(seen) == 20:
                camera.drop()
                threading.Timer(0.5, camera.come_back).start()
            if len(seen) == 40:
                stop.set()
    assert source.breaks == 1 and camera.connections == 2
    assert [connection for connection, _ in seen] == [1] * 20 + [2] * 20
    assert np.median([behind for _, behind in seen]) <= 5
    assert said[0].startswith('no picture comes from http://127.0.0.1') and said[-1] == '' and len(said) >= 3


def test_a_file_begins_anew_and_its_times_go_on(tmp_path):
    video = write_square_video(tmp_path / 'a.mp4', seconds=0.25)  # six frames
    stop, times = threading.Event(), []
    for _, time in LiveSource(video, stop, print, loop=True):
        times.append(time)
        if times[-1] - times[0] > 0.8:
            stop.set()
    # Late frames are left out on a busy machine.
    assert np.all(np.diff(times) > 0) and times[-1] - times[0] < 1.2 and len(times) > 4
