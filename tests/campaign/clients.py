"""Many at once: browsers on the live server, and visitors of the web page."""
import json
import os
import signal
import socket
import struct
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

import numpy as np
from helpers.square_detector import write_square_video

from mmstep.apis.live import MjpegServer
from .frame import Trial
from .processes import Tool
from .videos import make_model

KINDS = dict(looks=100, slow=40, vanishes=40, half=10, stranger=10)
SECONDS, FPS = 15, 10
MOST_MIB, MOST_SECONDS = 300, 3  # of growth; of one call that shows a picture, on a machine that does much else
VISITS = 10
SERVER = 'import sys; from campaign.clients import serve; serve(int(sys.argv[1]))'


def trials(folder: Path, times: Optional[int]) -> Iterator[Tuple[str, Trial]]:
    """200 browsers of the live picture; 10 uploads to the web page."""
    yield f'{sum(KINDS.values())} browsers of the live picture', partial(look_on, folder)
    yield f'{VISITS} uploads at once', partial(upload, folder)


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def serve(port: int) -> None:
    """Shows pictures for some seconds, as the live demo does, and prints what that took of the machine."""
    server = MjpegServer(port)
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (360, 640, 3), dtype=np.uint8) for _ in range(4)]  # 250 KB as JPEG
    server.show(pictures[0], 0)
    before, threads = resident_mib(), threading.active_count()
    longest, most, end = 0., 0., time.monotonic() + SECONDS
    while time.monotonic() < end:
        begin = time.monotonic()
        server.show(pictures[int(begin * FPS) % 4], begin)
        longest, most = max(longest, time.monotonic() - begin), max(most, resident_mib())
        time.sleep(max(0, 1 / FPS - (time.monotonic() - begin)))
    time.sleep(2)  # those who read slowly are cut off by their own end
    left = threading.active_count() - threads
    server.close()
    print(json.dumps(dict(longest=longest, grown=most - before, left=left)))


def resident_mib() -> float:
    """Memory of this process that is in use, MiB."""
    return int(Path('/proc/self/statm').read_text().split()[1]) * os.sysconf('SC_PAGESIZE') / 2**20


def browse(kind: str, port: int, number: int) -> int:
    """One browser, to its end; returns how many pictures it has seen, or the status of what it was answered."""
    end = time.monotonic() + SECONDS - 4
    seen = 0
    with socket.create_connection(('127.0.0.1', port), timeout=20) as connection:
        host = 'evil.example' if kind == 'stranger' else 'localhost'
        request = f'GET /stream.mjpg HTTP/1.1\r\nHost: {host}\r\n\r\n'.encode()
        connection.sendall(request[:10] if kind == 'half' else request)
        if kind == 'stranger':
            return int(connection.recv(100).split()[1])
        if kind == 'vanishes':
            time.sleep(number % 10)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            return seen
        while time.monotonic() < end:
            if kind == 'half':
                time.sleep(0.5)
            elif kind == 'slow':
                connection.recv(100)
                time.sleep(0.5)
            else:
                seen += connection.recv(2**16).count(b'--mmstep-picture')
    return seen


def look_on(folder: Path) -> Optional[str]:
    """Browsers of all kinds at once, while pictures keep coming."""
    port = free_port()
    tool = Tool([sys.executable, '-c', SERVER, port], folder, limit=120)
    if not tool.wait_until(lambda: is_open(port)):
        return tool.end().fault() or 'no server'
    kinds = [kind for kind, count in KINDS.items() for _ in range(count)]
    with ThreadPoolExecutor(len(kinds)) as pool:
        jobs = [pool.submit(browse, kind, port, number) for number, kind in enumerate(kinds)]
        seen: Dict[str, List[int]] = {kind: [] for kind in KINDS}
        failed = []
        for kind, job in zip(kinds, jobs):
            try:
                seen[kind].append(job.result())
            except OSError as error:
                failed.append(f'{kind}: {error}')
    outcome = tool.end()
    fault = outcome.fault()
    if fault or failed:
        return fault or f'{len(failed)} browsers failed: {failed[0]}'
    lines = outcome.output.strip().splitlines()
    figures = json.loads(lines[-1])
    print(f'{figures}; pictures seen: {min(seen["looks"])} to {max(seen["looks"])}', file=sys.stderr)
    if len(lines) > 1:
        return f'on the terminal: {lines[0]}'
    if set(seen['stranger']) != {403}:
        return f'strangers were answered {set(seen["stranger"])}'
    if min(seen['looks']) < 3:
        return f'one saw {min(seen["looks"])} pictures'
    if figures['grown'] > MOST_MIB or figures['longest'] > MOST_SECONDS or figures['left'] > 0:
        return f'too much: {figures}'
    return None


def is_open(port: int) -> bool:
    """Whether somebody listens."""
    try:
        socket.create_connection(('127.0.0.1', port), timeout=1).close()
        return True
    except OSError:
        return False


def upload(folder: Path) -> Optional[str]:
    """Visitors at once, half of them with a file that is no video; a stranger's name; then the server is ended."""
    from gradio_client import Client, handle_file
    model, port, temp = make_model(folder), free_port(), folder / 'temp'
    temp.mkdir()
    film, text = write_square_video(folder / 'film.mp4', seconds=1), folder / 'text.mp4'
    text.write_text('no video')
    tool = Tool(['demo/web_demo.py', *model, '--device', 'cpu', '--port', port], folder, limit=200, TMPDIR=str(temp))
    if not tool.wait_until(lambda: is_open(port)):
        return tool.end().fault() or 'no server'

    def visit(number: int) -> str:
        client = Client(f'http://127.0.0.1:{port}/', verbose=False, download_files=False)
        video = handle_file(str(text if number % 2 else film))
        try:
            return str(client.predict(video, 'config', 0.3, '', '20', 0, api_name='/detect'))
        except Exception as error:  # noqa: B902  what the page says, in Gradio's own kind of error
            return f'refused: {error}'

    with ThreadPoolExecutor(VISITS) as pool:
        said = list(pool.map(visit, range(VISITS)))
    stranger = urllib.request.Request(f'http://127.0.0.1:{port}/', headers=dict(Host='evil.example'))
    try:
        urllib.request.urlopen(stranger, timeout=10)
        return 'a stranger was answered'
    except urllib.error.HTTPError as error:
        code = error.code
    os.kill(tool.process.pid, signal.SIGTERM)
    outcome = tool.end()
    fault = outcome.fault()
    wanted = ['1 person', 'it is text'] * VISITS
    wrong = [answer for answer, words in zip(said, wanted) if words not in answer]
    if fault or wrong or code != 403:
        return fault or f'answers: {wrong[:1]}, a stranger {code}'
    left = [path.name for path in temp.iterdir() if path.name.startswith('mmstep')]
    return f'left behind: {left}' if left else None
