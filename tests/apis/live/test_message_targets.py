"""Where messages go: files, standard output and webhooks."""
import base64
import json
import os
import resource
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mmstep.apis.live import open_target
from mmstep.apis.live.message_targets import FileTarget, RefusedMessage
from mmstep.errors import LaunchError

LINE = '{"persons":["ä"]}\n'.encode()


@pytest.fixture
def hook():
    """A webhook; its ``answers`` are given one after the other, 204 at the end."""

    class Handler(BaseHTTPRequestHandler):

        def do_POST(self):
            body = self.rfile.read(int(self.headers['Content-Length']))
            server.taken.append((self.path, dict(self.headers), body))
            self.send_response(server.answers.pop(0) if server.answers else 204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(('127.0.0.1', 0), Handler)
    server.taken, server.answers = [], []
    server.address = f'127.0.0.1:{server.server_address[1]}'
    threading.Thread(target=server.serve_forever, args=(0.02, ), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_file_grows_and_keeps_what_was_in_it(tmp_path):
    path = tmp_path / 'out.jsonl'
    path.write_bytes(b'{}\n')
    target = open_target(str(path))
    target.send(LINE)
    assert path.read_bytes() == b'{}\n' + LINE
    target.close()


def test_half_a_line_does_not_stay(tmp_path):
    target = FileTarget(str(tmp_path / 'out.jsonl'))
    target.send(LINE)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Five bytes more have room, as on a disk that is full.
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(LINE) + 5, before[1]))
    try:
        with pytest.raises(OSError):
            target.send(LINE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / 'out.jsonl').read_bytes() == LINE
    target.send(LINE)
    assert (tmp_path / 'out.jsonl').read_bytes() == 2 * LINE
    target.close()


def test_standard_output_has_nothing_else(capfd):
    target = open_target('-')
    os.write(1, b'a library says something\n')
    target.send(LINE)
    target.close()
    os.write(1, b'after\n')
    out, err = capfd.readouterr()
    assert out == f'{LINE.decode()}after\n' and err == 'a library says something\n'


def test_webhook(hook):
    target = open_target(f'http://me:p%20w@{hook.address}/hook?a=1')
    assert target.name == f'http://{hook.address}/hook?a=1'
    target.send(LINE)
    (path, headers, body), = hook.taken
    assert (path, headers['Content-Type'], body) == ('/hook?a=1', 'application/json', LINE)
    assert base64.b64decode(headers['Authorization'].split()[1]) == b'me:p w'
    assert json.loads(body) == dict(persons=['ä'])


@pytest.mark.parametrize('code,error', [(500, OSError), (429, OSError), (404, RefusedMessage), (401, RefusedMessage)])
def test_what_a_webhook_answers(hook, code, error):
    hook.answers.append(code)
    target = open_target(f'http://{hook.address}/')
    with pytest.raises(error, match=str(code)):
        target.send(LINE)


def test_nobody_listens():
    with pytest.raises(OSError):
        open_target('http://127.0.0.1:9/').send(LINE)


@pytest.mark.parametrize('text,said', [('ftp://host/a', 'cannot be sent to ftp'), ('http:///hook', 'names no machine'),
                                       ('/nowhere/at/all/a.jsonl', 'nowhere')])
def test_no_target(text, said):
    with pytest.raises(LaunchError, match=said):
        open_target(text)
