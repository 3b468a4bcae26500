import functools
import http.server
import itertools
import threading

import cv2
import numpy as np
import pytest
from helpers.square_detector import square_config, square_left, write_square_video

from mmstep.apis import STEPInferencer, StreamSource, VideoError, VideoSource, is_stream
from mmstep.video import stream_source


class Capture:
    """A capture that sends given frames with given times."""

    def __init__(self, frames, stamps, fps):
        self._frames, self._stamps, self._fps, self.released = iter(frames), iter(stamps), fps, False

    def read(self):
        frame = next(self._frames, None)
        self._stamp = next(self._stamps, 0.0)
        return frame is not None, frame

    def get(self, key):
        return self._fps if key == cv2.CAP_PROP_FPS else 1000 * self._stamp

    def release(self):
        self.released = True


@pytest.fixture
def play(monkeypatch):
    """Makes OpenCV open black frames with these times, whatever the address."""

    def play(stamps, count=None, fps=10.0):
        stamps = list(stamps)
        capture = Capture(np.zeros((len(stamps) if count is None else count, 8, 16, 3), np.uint8), stamps, fps)
        monkeypatch.setattr(stream_source.cv2, 'VideoCapture', lambda address: capture)
        return capture

    return play


@pytest.fixture
def serve(tmp_path):
    """Serves the files of a folder on this machine."""

    class Handler(http.server.SimpleHTTPRequestHandler):

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Handler, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f'http://127.0.0.1:{server.server_port}'
    server.shutdown()
    thread.join()
    server.server_close()


def times(source):
    return [time for _, time in source]


def test_what_is_a_stream():
    assert is_stream(0) and is_stream('rtsp://host/a') and is_stream('http://host') and is_stream('UDP://@:1234')
    assert not any(is_stream(item) for item in ('a.mp4', '/a/b.mp4', 'C:\\a.mp4', True, None, np.zeros(3)))


def test_times_count_from_the_first_frame(play):
    capture = play([7.0, 7.1, 7.25])
    source = StreamSource('rtsp://user:secret@host/live')
    assert source.path == 'rtsp://host/live' and 'secret' not in repr(source)
    assert (source.width, source.height, source.fps) == (16, 8, 10)
    np.testing.assert_allclose(times(source), [0, 0.1, 0.25])
    assert capture.released


def test_clock_that_stands_still_or_jumps_back_goes_on(play):
    play([7.0, 7.0, 7.0, 3.0, 7.5])
    np.testing.assert_allclose(times(StreamSource('http://host/live')), [0, 0.1, 0.2, 0.3, 0.5])


def test_camera_goes_by_the_clock_and_ends_in_time(play, monkeypatch):
    ticks = itertools.count(100.0, 0.5)
    monkeypatch.setattr(stream_source.time, 'monotonic', lambda: next(ticks))
    capture = play([0.0] * 9, fps=0)
    source = StreamSource(0, max_seconds=2)
    assert source.path == 'camera 0' and source.fps == 25
    np.testing.assert_allclose(times(source), [0.5, 1, 1.5, 2])
    assert capture.released


def test_no_picture(play):
    play([], count=0)
    with pytest.raises(VideoError, match='no picture comes from camera 3. Is it plugged in'):
        StreamSource(3)
    with pytest.raises(VideoError, match='no picture comes from rtsp://host/a. Is the address right'):
        StreamSource('rtsp://me:secret@host/a')


def test_address_gives_what_the_file_does(serve, tmp_path):
    video = write_square_video(tmp_path / 'a.mp4', seconds=2.5)
    inferencer = STEPInferencer(square_config(), device='cpu', show_progress=False)
    streamed = inferencer(f'{serve}/a.mp4', out_dir=str(tmp_path / 'out'))
    prediction, = streamed['predictions']
    assert prediction['detections'] == inferencer(video)['predictions'][0]['detections']
    assert prediction['video'] == f'{serve}/a.mp4' and prediction['duration'] is None and prediction['complete']
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == ['a.json', 'a.mp4']
    drawn = VideoSource(streamed['visualization'][0])
    assert len(drawn.times) == 60
    frame = drawn.frames_at([1.5])[0].astype(int)
    left = round(square_left(1.5))
    assert frame[50, left + 20].min() > 200 and frame[110].max() < 60
    # The square's outline has a colour.
    assert (frame[34:66, left - 3:left + 4].max(axis=-1) - frame[34:66, left - 3:left + 4].min(axis=-1)).max() > 60
    part = inferencer(f'{serve}/a.mp4', max_seconds=1.2)['predictions'][0]
    assert [key_time['time'] for key_time in part['detections']] == [0, 1]
    # In a list an address that is dead is reported.
    dead = inferencer([f'{serve}/b.mp4', video])['predictions']
    assert 'no picture comes from' in dead[0]['error'] and dead[1]['error'] is None


def test_ctrl_c_ends_a_stream_with_what_there_is(play):
    frames = iter(range(30))

    def stop():
        while (index := next(frames)) < 25:
            yield index / 10
        raise KeyboardInterrupt

    capture = play([0.0])
    capture._frames, capture._stamps = iter(np.zeros((30, 8, 16, 3), np.uint8)), stop()
    prediction, = STEPInferencer(square_config(), device='cpu', show_progress=False)('rtsp://host/a')['predictions']
    assert [key_time['time'] for key_time in prediction['detections']] == [0, 1, 2] and prediction['complete']
