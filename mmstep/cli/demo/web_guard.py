"""What keeps the web page's server safe: who is answered, how much is taken, and where files of visits lie."""
import fcntl
import os
import shutil
import sys
import tempfile
import time
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import Collection, Iterator

import gradio as gr

from mmstep.apis.live.trusted_host import is_trusted_host
from mmstep.errors import LaunchError, VideoError
from mmstep.utils.atomic_file import REASONS

PREFIX = 'mmstep_web_'
STARTING = 60  # seconds within which a server has surely locked the folder that it made
JSON_BYTES = 2**20  # more than any request of the page has that is not an upload


class RequestGuard:
    """Answers only requests under the server's own name, and takes no larger bodies than it should (ASGI).

    Args:
        app (Callable): The application behind it.
        names (Collection[str]): Permitted names, see :func:`is_trusted_host`.
        addresses (bool): Whether any IP address will do as a name.
        max_bytes (int): Most bytes of an upload.
    """

    def __init__(self, app, names: Collection[str], addresses: bool, max_bytes: int) -> None:
        self._app = app
        self._names, self._addresses = names, addresses
        self._max_bytes = max_bytes

    async def __call__(self, scope: dict, receive, send) -> None:
        """Handles a connection."""
        if scope['type'] not in ('http', 'websocket'):
            return await self._app(scope, receive, send)
        headers = {name: value.decode('latin1') for name, value in scope['headers']}
        if not is_trusted_host(headers.get(b'host', ''), self._names, self._addresses):
            return await _refuse(scope, send, 403, 'This page is not served under that name.')
        upload = headers.get(b'content-type', '').startswith('multipart/form-data')
        limit = JSON_BYTES + (self._max_bytes if upload else 0)
        length = headers.get(b'content-length', '0')
        if not length.isdigit() or int(length) > limit:
            return await _refuse(scope, send, 413, f'At most {limit // 2**20} MB are taken.')
        taken = 0

        async def receive_some():
            # A body may come in pieces without saying how long it is.
            nonlocal taken
            message = await receive()
            taken += len(message.get('body', b''))
            return dict(type='http.disconnect') if taken > limit else message

        return await self._app(scope, receive_some, send)


async def _refuse(scope: dict, send, code: int, text: str) -> None:
    if scope['type'] == 'websocket':
        return await send(dict(type='websocket.close', code=1008))
    content = text.encode()
    headers = [(b'content-type', b'text/plain; charset=utf-8'), (b'content-length', str(len(content)).encode())]
    await send(dict(type='http.response.start', status=code, headers=headers))
    return await send(dict(type='http.response.body', body=content))


class UploadedVideo(gr.Video):
    """Gradio's video, of uploads alone: Gradio itself would fetch an address that a request names."""

    is_template = True  # in the browser it is a gr.Video

    async def async_move_resource_to_block_cache(self, url_or_file_path):
        """Refuses addresses."""
        if url_or_file_path is not None and '://' in str(url_or_file_path):
            raise gr.Error('Only uploaded videos are taken, no addresses.', print_exception=False)
        return await super().async_move_resource_to_block_cache(url_or_file_path)


def visitors_error(error: Exception, folders: Collection[str]) -> gr.Error:
    """What a visitor is told of a run that failed; what only the owner can mend goes to the terminal too.

    Args:
        error (Exception): What went wrong.
        folders (Collection[str]): Folders of the server that are left out of the message.

    Returns:
        gr.Error: To be raised from ``error``.
    """
    reason = str(error)
    if isinstance(error, OSError) and error.errno in REASONS:
        print(reason, file=sys.stderr)
        reason = f'The server cannot keep this video: {REASONS[error.errno]}. Try again later.'
    elif not isinstance(error, LaunchError):
        traceback.print_exception(error)
        reason = f'The server failed on this video ({type(error).__name__}). Its terminal says where.'
    elif not isinstance(error, VideoError):
        print(reason, file=sys.stderr)
    for folder in filter(None, folders):
        reason = reason.replace(folder + os.sep, '')
    return gr.Error(reason, duration=None, print_exception=False)


@contextmanager
def folder_of_server() -> Iterator[str]:
    """A temporary folder for as long as the server runs; those that killed servers left are removed first.

    A server holds a lock on its folder, which ends with it however it ends.

    Yields:
        str: The folder.
    """
    remove_leftovers()
    folder = tempfile.mkdtemp(prefix=PREFIX)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder)
        os.close(handle)


def remove_leftovers() -> None:
    """Removes folders of this user's servers that no longer run."""
    for folder in Path(tempfile.gettempdir()).glob(f'{PREFIX}*'):
        try:
            status = folder.lstat()
            if status.st_uid != os.getuid() or time.time() - status.st_mtime < STARTING:
                continue
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # no folder, or another server has just removed it
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
        except OSError:
            continue  # its server runs
        finally:
            os.close(handle)
