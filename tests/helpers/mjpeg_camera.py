"""A network camera on this machine: an HTTP server that sends pictures as MJPEG, and can be cut off."""
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np


def numbered_picture(number, size=(160, 120)):
    """Grey, brighter with each number up to 25, then from dark again."""
    return np.full((size[1], size[0], 3), 5 + 10 * (number % 25), np.uint8)


def picture_number(picture):
    """The number modulo 25 of a picture that went through JPEG."""
    return round((float(picture.mean()) - 5) / 10)


class MjpegCamera:
    """Sends the picture of the moment, ``fps`` times a second; a context manager.

    Args:
        fps (float): Pictures a second.
        port (int): 0 for a free one.
        picture (Callable): Makes the picture of a number.
    """

    def __init__(self, fps=20, port=0, picture=numbered_picture):
        self.fps, self.picture = fps, picture
        self.begin = time.monotonic()
        self.refuse = False
        self.connections = 0
        self.generation = 0
        camera = self

        class Handler(BaseHTTPRequestHandler):

            def do_GET(self):
                if camera.refuse:
                    self.send_error(503)
                    return
                camera.connections += 1
                generation = camera.generation
                self.send_response(200)
                self.send_header('Content-Type', 'multipart/x-mixed-replace; boundary=frame')
                self.end_headers()
                last = -1
                try:
                    while generation == camera.generation:
                        number = int((time.monotonic() - camera.begin) * camera.fps)
                        if number > last:
                            jpeg = cv2.imencode('.jpg', camera.picture(number))[1].tobytes()
                            self.wfile.write(b'--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ' +
                                             str(len(jpeg)).encode() + b'\r\n\r\n' + jpeg + b'\r\n')
                            last = number
                        time.sleep(0.2 / camera.fps)
                except OSError:
                    # The reader has gone.
                    pass

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(('127.0.0.1', port), Handler)
        self._server.daemon_threads = True
        self.address = f'http://127.0.0.1:{self._server.server_address[1]}/video.mjpg'
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def drop(self, refuse=True):
        """Cuts all connections; refuses new ones until :meth:`come_back`."""
        self.refuse = refuse
        self.generation += 1

    def come_back(self):
        self.refuse = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.generation += 1
        self._server.shutdown()
        self._server.server_close()
