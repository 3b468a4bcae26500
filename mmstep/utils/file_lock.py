"""One process at a time in a folder."""
import os
import os.path as osp
import socket
import time
from contextlib import contextmanager
from typing import Iterator

from mmstep.errors import LaunchError
from .atomic_file import cannot_write
from .locked_file import CAN_LOCK, open_locked, unlock
from .overwriting import printable

BEGINNING = b'process '  # of a lock's file


@contextmanager
def hold_lock(path: str, what: str) -> Iterator[None]:
    """Keeps other processes out for the length of the context. A lock ends with its process, however that ends; the
    processes that this one forks do not have it.

    Args:
        path (str): The lock's file, which says who has it; its folder is made. Removed at the end.
        what (str): What is locked, for the message.

    Raises:
        LaunchError: If another process has it (the message says which one and since when), the file cannot be made,
            or it is somebody's own that has this name.
    """
    if not CAN_LOCK:
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
        unlock(descriptor)


def _lock(path: str, what: str) -> int:
    """A descriptor of the locked file."""
    try:
        descriptor, _ = open_locked(path, make=True)
    except BlockingIOError as error:
        raise LaunchError(f'{printable(what)} is being written by {_owner(path) or "another process"}. Wait until it '
                          'has ended, or choose another output.') from error
    if not (os.read(descriptor, len(BEGINNING)) or BEGINNING).startswith(BEGINNING):
        unlock(descriptor)
        raise LaunchError(f'{printable(path)} is somebody\'s own file, not a lock: {printable(what)} is not '
                          'written. Move it away, or choose another output.')
    try:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        started = time.strftime('%Y-%m-%d %H:%M:%S')
        os.write(descriptor, BEGINNING + f'{os.getpid()} on {socket.gethostname()}, since {started}\n'.encode())
    except OSError:  # on a full disk
        os.remove(path)
        unlock(descriptor)
        raise
    return descriptor


def _owner(path: str) -> str:
    """What a lock's file says; nothing if it cannot be read, or is gone."""
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read(200).strip()
    except OSError:
        return ''
