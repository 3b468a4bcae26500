"""Tests of mmstep.apis.live.mjpeg_server: the picture in a browser: for machines without a screen."""
import socket
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from mmstep.apis.live import MjpegServer
from mmstep.errors import LaunchError


@pytest.fixture
def server():
    server = MjpegServer(0)
    yield server
    server.close()


def get(address, **headers):
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=5)


def picture(value):
    return np.full((48, 64, 3), (value, 0, 0), np.uint8)


def test_page_and_picture(server):
    server.show(picture(200), 0.0)
    page = get(server.address).read().decode()
    assert '/stream.mjpg' in page
    answer = get(server.address + 'picture.jpg')
    shown = cv2.imdecode(np.frombuffer(answer.read(), np.uint8), cv2.IMREAD_COLOR)
    assert answer.headers['Content-Type'] == 'image/jpeg'
    np.testing.assert_allclose(shown[20, 20], [0, 0, 200], atol=6)


def test_stream_gives_new_pictures_and_ends_with_the_server(server):
    server.show(picture(10), 0.0)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(get, server.address + 'stream.mjpg').result(5)

        def read():
            """Reads one part: blank and boundary, two header lines, the picture."""
            length = None
            while line := answer.readline().strip() or length is None:
                if isinstance(line, bytes) and line.lower().startswith(b'content-length'):
                    length = int(line.split(b':')[1])
            return cv2.imdecode(np.frombuffer(answer.read(length), np.uint8), cv2.IMREAD_COLOR)[20, 20, 2]

        assert abs(int(read()) - 10) < 6
        server.show(picture(200), 0.1)
        values = [int(read())]
        server.close()
        rest = answer.read()
    assert abs(values[0] - 200) < 6 and len(rest) < 3


def test_nothing_is_encoded_while_nobody_looks(server, monkeypatch):
    server.show(picture(1), 0.0)
    calls = []
    encode = cv2.imencode
    monkeypatch.setattr(cv2, 'imencode', lambda *args: calls.append(1) or encode(*args))
    for _ in range(100):
        assert server.show(picture(1), 0.0)
    assert len(calls) < 10


@pytest.mark.parametrize('path,host,code', [('nowhere', None, 404), ('', 'evil.example', 403)])
def test_what_is_refused(server, path, host, code):
    with pytest.raises(urllib.error.HTTPError) as error:
        get(server.address + path, **({'Host': host} if host else {}))
    assert error.value.code == code


def test_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        with pytest.raises(LaunchError, match='cannot be served on'):
            MjpegServer(taken.getsockname()[1])
