"""Tests of mmstep.apis.live.mjpeg_server: the picture in a browser: for machines without a screen."""
import socket
import struct
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from mmstep.apis.live import MjpegServer, mjpeg_server
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


def request(server, path):
    """A connection on which a request was sent."""
    connection = socket.create_connection(('127.0.0.1', int(server.address.split(':')[-1].strip('/'))), timeout=5)
    connection.sendall(f'GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
    return connection


def num_handlers():
    return sum(thread.name.endswith('(process_request_thread)') for thread in threading.enumerate())


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


@pytest.mark.parametrize('path', ['stream.mjpg', 'picture.jpg'])
def test_browsers_that_go_before_the_first_picture_leave_no_thread(server, monkeypatch, path):
    monkeypatch.setattr(mjpeg_server, 'PATIENCE', 0.05)
    connections = [request(server, path) for _ in range(3)]
    wait_for(lambda: num_handlers() == 3)
    for connection in connections:
        connection.close()
    wait_for(lambda: num_handlers() == 0)


def test_browsers_that_vanish_say_nothing_on_the_terminal(server, capsys):
    for words in (b'GE', b'GET /stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n',
                  b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'):
        connection = socket.create_connection(('127.0.0.1', int(server.address.split(':')[-1].strip('/'))))
        connection.sendall(words)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))  # closes with a reset
        connection.close()
    for value in range(30):
        server.show(picture(value), value)
    wait_for(lambda: num_handlers() == 0)
    assert capsys.readouterr() == ('', '')


def test_more_than_so_many_are_refused(server, monkeypatch):
    monkeypatch.setattr(mjpeg_server, 'MOST_STREAMS', 2)
    connections = [request(server, 'stream.mjpg') for _ in range(2)]
    for connection in connections:
        assert b'200 OK' in connection.recv(200)
    with pytest.raises(urllib.error.HTTPError) as error:
        get(server.address + 'stream.mjpg')
    assert error.value.code == 503
    for connection in connections:
        connection.close()


def test_other_machines_are_let_in_where_that_is_asked_for(server):
    open_to_all = MjpegServer(0, host='0.0.0.0')
    try:
        open_to_all.show(picture(10), 0.0)
        port = open_to_all.address.rstrip('/').rpartition(':')[2]
        local = f'http://127.0.0.1:{port}/'
        assert socket.gethostname() in open_to_all.address
        assert get(local, Host=f'192.168.7.9:{port}').status == 200
        with pytest.raises(urllib.error.HTTPError, match='403'):
            get(local, Host='evil.example')
    finally:
        open_to_all.close()
    with pytest.raises(urllib.error.HTTPError, match='403'):
        get(server.address, Host='192.168.7.9')


def test_an_address_of_another_machine():
    with pytest.raises(LaunchError, match='--host'):
        MjpegServer(0, host='192.0.2.1')
