"""The web page's server answers under its own name, takes what was uploaded alone, and tidies up."""
import asyncio
import fcntl
import os
import tempfile
import time

import gradio as gr
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from mmstep.cli.demo import web_guard

UPLOAD = {'content-type': 'multipart/form-data; boundary=x'}


async def _count(request):
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def client():
    app = Starlette(routes=[Route('/', _count, methods=['GET', 'POST'])])
    guard = web_guard.RequestGuard(app, ('localhost', ), addresses=False, max_bytes=3 * 2**20)
    return TestClient(guard, base_url='http://localhost:7860')


@pytest.mark.parametrize('host, code', [('localhost:7860', 200), ('evil.example:7860', 403), ('10.0.0.1', 403)])
def test_host(client, host, code):
    assert client.get('/', headers=dict(host=host)).status_code == code


def test_size_of_bodies(client):
    assert client.post('/', content=bytes(2**20)).text == str(2**20)
    answer = client.post('/', content=bytes(2**20 + 1))
    assert (answer.status_code, answer.text) == (413, 'At most 1 MB are taken.')
    assert client.post('/', content=bytes(3 * 2**20), headers=UPLOAD).status_code == 200
    assert client.post('/', content=bytes(4 * 2**20 + 1), headers=UPLOAD).status_code == 413
    assert client.post('/', content=b'', headers={'content-length': '-1'}).status_code == 413


def test_body_that_does_not_tell_its_size(client):
    with pytest.raises(Exception, match='Disconnect|^$'):
        client.post('/', content=(bytes(2**19) for _ in range(3)))


def test_addresses_are_not_fetched():
    with gr.Blocks():
        video = web_guard.UploadedVideo()
    assert video.get_block_name() == 'video'
    with pytest.raises(gr.Error, match='no addresses'):
        asyncio.run(video.async_move_resource_to_block_cache('http://127.0.0.1:1/a.mp4'))


def test_leftovers_of_killed_servers_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    for name in ('killed', 'running', 'starting', 'other'):
        folder = tmp_path / (name if name == 'other' else f'mmstep_web_{name}')
        (folder / 'visits').mkdir(parents=True)
        if name != 'starting':
            os.utime(folder, (time.time() - 100, time.time() - 100))
    running = os.open(tmp_path / 'mmstep_web_running', os.O_RDONLY)
    fcntl.flock(running, fcntl.LOCK_EX)
    (tmp_path / 'mmstep_web_link').symlink_to(tmp_path / 'other')
    with web_guard.folder_of_server() as folder:
        assert os.path.isdir(folder)
        left = {path.name for path in tmp_path.iterdir()}
    os.close(running)
    assert left == {'mmstep_web_running', 'mmstep_web_starting', 'mmstep_web_link', 'other', os.path.basename(folder)}
    assert (tmp_path / 'other' / 'visits').is_dir() and not os.path.exists(folder)
