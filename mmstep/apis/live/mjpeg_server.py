"""The picture in a browser: for machines without a screen."""
import logging
import select
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Optional

import cv2
import numpy as np
from mmengine.logging import print_log

from mmstep.errors import LaunchError
from .trusted_host import OWN_NAMES, is_trusted_host, machine_names

PAGE = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>mmstep live</title>
<style>html,body{margin:0;height:100%;background:#181818}img{display:block;width:100%;height:100%;object-fit:contain}</style></head>
<body><img src="/stream.mjpg" alt="live picture with persons and actions"></body></html>"""
BOUNDARY = b'mmstep-picture'
PATIENCE = 5.0  # seconds without a new picture after which it is seen to whether the browser is still there
MOST_STREAMS = 256  # each has a thread of its own, and a picture in it


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # browsers that connect at one moment

    def handle_error(self, request, client_address) -> None:
        """Says nothing of a browser that has gone, and of anything else what it is."""
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            print_log(f'{client_address[0]}: {type(error).__name__}: {error}', logger='current', level=logging.WARNING)


class MjpegServer:
    """Serves the newest picture: a page at /, the stream at /stream.mjpg, one picture at /picture.jpg.

    Pictures are encoded only while somebody looks. A slow browser misses pictures; nothing piles up. More than
    ``MOST_STREAMS`` at once are refused.

    Args:
        port (int): 0 for any free one.
        quality (int): Of the JPEG pictures, 1..100. Defaults to 85.
        host (str): Address to listen at. With '0.0.0.0' other machines see the picture too: there is no login.
            Defaults to '127.0.0.1', this machine alone.

    Attributes:
        address (str): Where the page is.

    Raises:
        LaunchError: If the port is taken or the address is not of this machine.
    """

    def __init__(self, port: int, quality: int = 85, host: str = '127.0.0.1') -> None:
        self._quality = quality
        self._changed = threading.Condition()
        self._jpeg: Optional[bytes] = None
        self._number = 0
        self._closed = False
        self._lookers = 0
        self._local = host in OWN_NAMES
        self._names = OWN_NAMES if self._local else {*machine_names(), host.lower()}
        try:
            self._server = _Server((host, port), self._handler())
        except OSError as error:
            raise LaunchError(
                f'{host}:{port} cannot be served on: {error}. Take another port with --serve, or another '
                'address of this machine with --host') from error
        name = socket.gethostname() if host == '0.0.0.0' else host
        self.address = f'http://{name}:{self._server.server_address[1]}/'
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1, ), name='server', daemon=True)
        self._thread.start()

    def show(self, picture: np.ndarray, time: float) -> bool:
        """Takes the newest picture.

        Args:
            picture (np.ndarray): (H, W, 3) uint8, RGB.
            time (float): Not used.

        Returns:
            bool: True, as a browser never ends a session.
        """
        with self._changed:
            # One more now and then, so that /picture.jpg has something to give at once.
            if not self._lookers and self._jpeg is not None and self._number % 16:
                self._number += 1
                return True
        options = [cv2.IMWRITE_JPEG_QUALITY, self._quality]
        jpeg = cv2.imencode('.jpg', cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), options)[1].tobytes()
        with self._changed:
            self._jpeg = jpeg
            self._number += 1
            self._changed.notify_all()
        return True

    def close(self) -> None:
        """Ends the server and all connections."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def _next(self, after: int, connection: socket.socket):
        """Waits for a picture newer than number ``after``: (JPEG, number); (None, after) at the end, or once the
        browser has gone."""
        with self._changed:
            while not self._changed.wait_for(lambda: self._closed or self._jpeg is not None and self._number > after,
                                             PATIENCE):
                if _has_gone(connection):
                    return None, after
            return (None, after) if self._closed else (self._jpeg, self._number)

    def _enter(self) -> bool:
        """Counts one who looks; False if there are too many."""
        with self._changed:
            room = self._lookers < MOST_STREAMS
            self._lookers += room
            return room

    def _leave(self) -> None:
        with self._changed:
            self._lookers -= 1

    def _handler(self) -> type:
        server = self

        class Handler(BaseHTTPRequestHandler):
            # A browser that takes nothing for so many seconds is gone.
            timeout = 30

            def do_GET(self) -> None:
                if not is_trusted_host(self.headers.get('Host', ''), server._names, not server._local):
                    self.send_error(403, 'only for this machine' if server._local else 'not served under that name')
                elif self.path == '/':
                    self._send('text/html; charset=utf-8', PAGE)
                elif self.path == '/picture.jpg':
                    self._send('image/jpeg', server._next(0, self.connection)[0] or b'')
                elif self.path == '/stream.mjpg':
                    self._stream()
                else:
                    self.send_error(404)

            def _send(self, kind: str, content: bytes) -> None:
                self.send_response(200)
                self.send_header('Content-Type', kind)
                self.send_header('Content-Length', str(len(content)))
                self.send_header('Cache-Control', 'no-store')
                self.end_headers()
                self.wfile.write(content)

            def _stream(self) -> None:
                if not server._enter():
                    self.send_error(503, 'too many look on already')
                    return
                try:
                    self._send_pictures()
                except (ConnectionError, TimeoutError):
                    # The browser has gone, as it should be able to.
                    self.close_connection = True
                finally:
                    server._leave()

            def _send_pictures(self) -> None:
                self.send_response(200)
                self.send_header('Content-Type', f'multipart/x-mixed-replace; boundary={BOUNDARY.decode()}')
                self.send_header('Cache-Control', 'no-store')
                self.end_headers()
                number = 0
                while True:
                    jpeg, number = server._next(number, self.connection)
                    if jpeg is None:
                        self.close_connection = True
                        return
                    self.wfile.write(b'--' + BOUNDARY + b'\r\nContent-Type: image/jpeg\r\nContent-Length: ' +
                                     str(len(jpeg)).encode() + b'\r\n\r\n' + jpeg + b'\r\n')

            def log_message(self, *_) -> None:
                """Says nothing on the terminal."""

        return Handler


def _has_gone(connection: socket.socket) -> bool:
    """Whether the other side of a connection has closed it."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):
        return True
