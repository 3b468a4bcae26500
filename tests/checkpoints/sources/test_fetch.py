"""Fetching files of weights: broken connections, wrong files, a process that is killed, what is there already."""
import dataclasses
import hashlib
import http.server
import multiprocessing
import os
import signal
import threading
import time

import pytest

from mmstep.checkpoints.sources import SOURCES, Source, cache_folder, download
from mmstep.errors import LaunchError
from mmstep.utils.backoff import Backoff

CONTENT = bytes(range(256)) * 4096  # 1 MiB


class Handler(http.server.BaseHTTPRequestHandler):
    """Gives :data:`CONTENT`, as the server's attributes say."""

    def do_GET(self):
        server = self.server
        server.asked.append(self.headers.get('Range'))
        if server.errors:
            self.send_error(server.errors.pop(0))
            return
        start = 0
        if server.ranges and self.headers.get('Range'):
            start = int(self.headers['Range'][len('bytes='):-1])
            if start >= len(CONTENT):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header('Content-Range', f'bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}')
        else:
            self.send_response(200)
        self.send_header('Content-Length', str(len(CONTENT) - start))
        self.end_headers()
        stop = server.breaks.pop(0) if server.breaks else len(CONTENT)
        if start < stop:
            self.wfile.write(CONTENT[start:stop])
            self.wfile.flush()
        if server.stall:
            time.sleep(server.stall)

    def log_message(self, *args):
        """Says nothing."""


@pytest.fixture
def server():
    """A server on this machine; tests set ``ranges``, ``breaks`` (bytes at which a connection ends) and ``errors``."""
    made = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    made.asked, made.ranges, made.breaks, made.errors, made.stall = [], True, [], [], 0
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def source_of(server, sha256=hashlib.sha256(CONTENT).hexdigest()):
    """An entry of the table whose file that server has."""
    return Source('walker', 'A model', 'MIT', 'https://page', 1, 'own', 'nothing',
                  f'http://127.0.0.1:{server.server_address[1]}/models/walker.pth', sha256)


def fetch(source, folder):
    """Downloads without waiting."""
    return download(source, str(folder), Backoff(first=0))


def test_a_file_arrives_whole_and_is_fetched_once(server, tmp_path):
    path = fetch(source_of(server, hashlib.sha256(CONTENT).hexdigest()[:8]), tmp_path / 'new')
    assert path == str(tmp_path / 'new' / 'walker.pth') and open(path, 'rb').read() == CONTENT
    assert fetch(source_of(server), tmp_path / 'new') == path
    assert server.asked == [None]
    assert os.listdir(tmp_path / 'new') == ['walker.pth']


def test_broken_connections_go_on_where_they_broke(server, tmp_path):
    server.breaks = [300_000, 700_000]
    assert open(fetch(source_of(server), tmp_path), 'rb').read() == CONTENT
    assert server.asked == [None, 'bytes=300000-', 'bytes=700000-']


def test_a_server_without_ranges_begins_anew(server, tmp_path):
    server.breaks, server.ranges = [300_000], False
    assert open(fetch(source_of(server), tmp_path), 'rb').read() == CONTENT


def test_a_busy_server_is_asked_again_and_one_that_stays_busy_is_named(server, tmp_path):
    server.errors = [503, 429]
    assert open(fetch(source_of(server), tmp_path), 'rb').read() == CONTENT
    server.errors = [503] * 5
    with pytest.raises(LaunchError, match='cannot be fetched: the server says 503 .*, 5 times in a row'):
        fetch(source_of(server), tmp_path / 'b')


def test_a_file_that_is_gone_leads_to_its_page(server, tmp_path):
    server.errors = [404]
    with pytest.raises(LaunchError, match='the server says 404 .*Its page: https://page'):
        fetch(source_of(server), tmp_path)
    assert server.asked == [None] and os.listdir(tmp_path) == []


def test_another_file_is_refused_and_leaves_nothing(server, tmp_path):
    with pytest.raises(LaunchError, match='not the file that was published.*walker begins with 0000'):
        fetch(source_of(server, '0000'), tmp_path)
    assert os.listdir(tmp_path) == []
    (tmp_path / 'walker.pth').write_bytes(b'of somebody')
    with pytest.raises(LaunchError, match='Remove it and start this again'):
        fetch(source_of(server), tmp_path)
    assert (tmp_path / 'walker.pth').read_bytes() == b'of somebody'


def test_what_had_arrived_before_and_is_whole_is_only_checked(server, tmp_path):
    (tmp_path / 'walker.pth.part').write_bytes(CONTENT)
    assert open(fetch(source_of(server), tmp_path), 'rb').read() == CONTENT
    assert os.listdir(tmp_path) == ['walker.pth']


def test_a_killed_process_is_gone_on_from(server, tmp_path):
    server.breaks, server.stall = [500_000], 30
    child = multiprocessing.get_context('fork').Process(target=fetch, args=(source_of(server), tmp_path))
    child.start()
    part = tmp_path / 'walker.pth.part'
    deadline = time.monotonic() + 20
    while not (part.is_file() and part.stat().st_size) and time.monotonic() < deadline:
        time.sleep(.01)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    arrived = part.stat().st_size
    assert 0 < arrived <= 500_000 and not (tmp_path / 'walker.pth').exists()
    server.stall = 0
    assert open(fetch(source_of(server), tmp_path), 'rb').read() == CONTENT
    assert server.asked == [None, f'bytes={arrived}-']


def test_nobody_listening_is_said_with_the_reason(tmp_path):
    source = Source('a', 'A model', 'MIT', 'https://page', 1, 'own', 'nothing', 'http://127.0.0.1:9/a.pth', '00')
    with pytest.raises(LaunchError, match='Connection refused, 5 times in a row.*HTTPS_PROXY'):
        fetch(source, tmp_path)


def test_without_a_stable_address_the_page_is_named(tmp_path):
    source = dataclasses.replace(SOURCES[0], address=None)
    with pytest.raises(LaunchError, match='https://github.com/NVlabs/STEP\nIts licence: CC BY-NC-SA 4.0'):
        fetch(source, tmp_path)


def test_files_lie_where_pytorch_keeps_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    assert cache_folder() == str(tmp_path / 'hub' / 'checkpoints')
