"""StreamSource: frames and times of cameras and addresses, and what is said when none comes."""
import functools
import http.server
import itertools
import socket
import threading
import time
from contextlib import suppress

import cv2
import numpy as np
import pytest
from helpers.square_detector import square_config, square_left, write_square_video
from helpers.video_files import grey_pictures, write_frames

from mmstep.apis import STEPInferencer, StreamSource, VideoError, VideoSource, is_stream
from mmstep.video import stream_source
from mmstep.video.stream_source import parse_address


class Capture:
    """A capture that sends given frames with given times."""

    def __init__(self, frames, stamps, fps):
        self.frames, self.stamps, self.fps, self.released = iter(frames), iter(stamps), fps, False

    def read(self):
        frame = next(self.frames, None)
        self.stamp = next(self.stamps, 0.0)
        return frame is not None, frame

    def get(self, key):
        return self.fps if key == cv2.CAP_PROP_FPS else 1000 * self.stamp

    def grab(self):
        found, self.grabbed = self.read()
        return found

    def retrieve(self):
        return True, self.grabbed

    def set(self, key, value):
        pass

    def release(self):
        self.released = True


@pytest.fixture
def play(monkeypatch):
    """Makes OpenCV open black frames with these times, whatever the address."""

    def play(stamps, count=None, fps=10.0):
        stamps = list(stamps)
        capture = Capture(np.zeros((len(stamps) if count is None else count, 8, 16, 3), np.uint8), stamps, fps)
        monkeypatch.setattr(stream_source.cv2, 'VideoCapture', lambda *_: capture)
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


class SilentServer:
    """Sends so many MJPEG pictures and then nothing, but keeps the connection; a context manager that gives the
    address."""

    def __init__(self, frames):
        self.end = end = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):

            def do_GET(self):
                if frames:
                    self.send_response(200)
                    self.send_header('Content-Type', 'multipart/x-mixed-replace; boundary=frame')
                    self.end_headers()
                for number in range(frames):
                    jpeg = cv2.imencode('.jpg', np.full((48, 64, 3), 10 * number, np.uint8))[1].tobytes()
                    self.wfile.write(b'--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ' +
                                     str(len(jpeg)).encode() + b'\r\n\r\n' + jpeg + b'\r\n')
                end.wait(30)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self._server.daemon_threads = True

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f'http://127.0.0.1:{self._server.server_port}/video.mjpg'

    def __exit__(self, *_):
        self.end.set()
        self._server.shutdown()
        self._server.server_close()


def times(source):
    return [time for _, time in source]


def test_what_is_a_stream():
    assert is_stream(0) and is_stream('rtsp://host/a') and is_stream('http://host') and is_stream('UDP://@:1234')
    assert not any(is_stream(item) for item in ('a.mp4', '/a/b.mp4', 'C:\\a.mp4', True, None, np.zeros(3)))


@pytest.mark.parametrize('text,address', [('0', 0), ('12', 12), ('/dev/video2', 2), ('a.mp4', 'a.mp4'),
                                          ('rtsp://host/1', 'rtsp://host/1')])
def test_what_input_means(text, address):
    assert parse_address(text) == address


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
    np.testing.assert_allclose(times(source), [0, 0.5, 1, 1.5, 2])
    assert capture.released


def test_frames_that_cannot_be_decoded_are_left_out(play):
    capture = play([0.0, 0.1, 0.2, 0.3])
    retrieve, answers = capture.retrieve, iter([True, False, True])
    capture.retrieve = lambda: retrieve() if next(answers) else (False, None)
    np.testing.assert_allclose(times(StreamSource('http://host/live')), [0, 0.1, 0.3])


@pytest.mark.slow
@pytest.mark.parametrize('frames', [0, 15])
def test_server_that_stops_answering_ends_the_stream_in_time(monkeypatch, frames):
    monkeypatch.setattr(stream_source, 'NETWORK_TIMEOUT_MS', 1000)
    with SilentServer(frames) as address:
        begin = time.monotonic()
        if frames:
            assert 1 <= len(list(StreamSource(address))) <= frames
        else:
            with pytest.raises(VideoError, match='no picture comes'):
                StreamSource(address)
        assert time.monotonic() - begin < 8


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
    capture.frames, capture.stamps = iter(np.zeros((30, 8, 16, 3), np.uint8)), stop()
    prediction, = STEPInferencer(square_config(), device='cpu', show_progress=False)('rtsp://host/a')['predictions']
    assert [key_time['time'] for key_time in prediction['detections']] == [0, 1, 2] and prediction['complete']


def test_a_colon_in_the_name_of_a_file_is_no_protocol(tmp_path):
    path = tmp_path / '2024-01-01T12:30:00.mp4'
    write_frames(tmp_path / 'a.mp4', grey_pictures(3))
    (tmp_path / 'a.mp4').rename(path)
    assert len(list(StreamSource(str(path)))) == 3


@pytest.mark.parametrize('transport,header', [(None, 'RTP/AVP/TCP'), ('udp', 'RTP/AVP/UDP')])
def test_rtsp_comes_over_tcp_unless_udp_is_chosen(monkeypatch, transport, header):
    """A camera that describes a stream and then refuses it, having seen how it was asked for."""
    monkeypatch.setenv(stream_source.FFMPEG_OPTIONS, '')
    monkeypatch.delenv(stream_source.FFMPEG_OPTIONS)
    asked = []
    description = 'v=0\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n'

    def serve(listener):
        with suppress(OSError):
            connection = listener.accept()[0]
            lines = connection.makefile('rb')
            while request := lines.readline().decode():
                fields = {}
                while line := lines.readline().decode().strip():
                    name, _, value = line.partition(':')
                    fields[name.lower()] = value.strip()
                asked.extend([fields['transport']] if request.startswith('SETUP') else [])
                code = '461 Unsupported' if request.startswith('SETUP') else '200 OK'
                body = description if request.startswith('DESCRIBE') else ''
                connection.sendall(f'RTSP/1.0 {code}\r\nCSeq: {fields["cseq"]}\r\nContent-Type: application/sdp\r\n'
                                   f'Content-Length: {len(body)}\r\n\r\n{body}'.encode())

    if transport:
        stream_source.choose_rtsp_transport(transport)
    with socket.create_server(('127.0.0.1', 0)) as listener:
        threading.Thread(target=serve, args=(listener, ), daemon=True).start()
        with pytest.raises(VideoError, match='no picture comes'):
            StreamSource(f'rtsp://127.0.0.1:{listener.getsockname()[1]}/a')
    assert asked and asked[0].startswith((header, header.removesuffix('/UDP')))
    assert ('TCP' in asked[0]) == (transport is None)
