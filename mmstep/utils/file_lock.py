"""One process at a time in a folder."""
import errno
import os
import os.path as osp
import socket
import time
from contextlib import contextmanager
from typing import Iterator

from mmstep.errors import LaunchError
from .atomic_file import cannot_write
from .overwriting import printable

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

# What file systems say that know no locks; work goes on without one there.
NO_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EINVAL, errno.ENOLCK)
BEGINNING = b'process '  # of a lock's file


@contextmanager
def hold_lock(path: str, what: str) -> Iterator[None]:
    """Keeps other processes out for the length of the context. A lock ends with its process, however that ends.

    Args:
        path (str): The lock's file, which says who has it; its folder is made. Removed at the end.
        what (str): What is locked, for the message.

    Raises:
        LaunchError: If another process has it (the message says which one and since when), the file cannot be made,
            or it is somebody's own that has this name.
    """
    if fcntl is None:
        yield
        return
    try:
        descriptor = _lock(path, what)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        yield
    finally:
        if osp.exists(path) and osp.samestat(os.stat(path), os.fstat(descriptor)):
            os.remove(path)
        os.close(descriptor)


def _lock(path: str, what: str) -> int:
    """A descriptor of the locked file."""
    while True:
        os.makedirs(osp.dirname(path), exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                owner = os.read(descriptor, 200).decode(errors='replace').strip() or 'another process'
                os.close(descriptor)
                if isinstance(error, BlockingIOError) or error.errno == errno.EACCES:
                    raise LaunchError(f'{printable(what)} is being written by {owner}. Wait until it has ended, or '
                                      'choose another output.') from error
                raise
        # The one who had it before may have removed the file meanwhile.
        if osp.exists(path) and osp.samestat(os.stat(path), os.fstat(descriptor)):
            if not (os.read(descriptor, len(BEGINNING)) or BEGINNING).startswith(BEGINNING):
                os.close(descriptor)
                raise LaunchError(f'{printable(path)} is somebody\'s own file, not a lock: {printable(what)} is not '
                                  'written. Move it away, or choose another output.')
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            started = time.strftime('%Y-%m-%d %H:%M:%S')
            os.write(descriptor, BEGINNING + f'{os.getpid()} on {socket.gethostname()}, since {started}\n'.encode())
            return descriptor
        os.close(descriptor)
