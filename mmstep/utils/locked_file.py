"""Files that are locked for as long as a process has them open."""
import errno
import os
import os.path as osp
from typing import Set, Tuple

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

CAN_LOCK = fcntl is not None
# What file systems say that know no locks; work goes on without one there.
NO_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EINVAL, errno.ENOLCK)
NO_LINK = getattr(os, 'O_NOFOLLOW', 0)
# Descriptors of what this process has locked.
_held: Set[int] = set()


def _let_go() -> None:
    """Closes what a child has inherited: a lock would outlive the process that took it, in a worker of its own."""
    while _held:
        os.close(_held.pop())


if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_let_go)


def open_locked(path: str, make: bool = False) -> Tuple[int, bool]:
    """Opens a file for reading and writing, and locks it until :func:`unlock` or the end of this process.

    Processes that this one forks do not have the lock. To be called where ``CAN_LOCK``.

    Args:
        path (str): The file; a symbolic link is not followed.
        make (bool): Whether to make it, and its folder, if it is not there.

    Returns:
        tuple[int, bool]: The descriptor, and whether it is locked: some file systems know no locks.

    Raises:
        BlockingIOError: If another process, or another place in this one, has it locked.
        OSError: If it cannot be opened.
    """
    while True:
        if make:  # the folder, too, may have gone with the one who had it before
            os.makedirs(osp.dirname(path) or '.', exist_ok=True)
        try:
            descriptor = os.open(path, os.O_RDWR | NO_LINK | (os.O_CREAT if make else 0), 0o666)
        except FileNotFoundError:
            if make and not osp.isdir(osp.dirname(path) or '.'):
                continue
            raise
        locked = True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                os.close(descriptor)
                if error.errno == errno.EACCES:  # as some systems say it
                    raise BlockingIOError(error.errno, error.strerror, path) from error
                raise
            locked = False
        # The one who had it before may have removed or renamed the file meanwhile.
        if osp.exists(path) and osp.samestat(os.stat(path), os.fstat(descriptor)):
            _held.add(descriptor)
            return descriptor, locked
        os.close(descriptor)


def unlock(descriptor: int) -> None:
    """Closes what :func:`open_locked` has opened.

    Args:
        descriptor (int): The descriptor.
    """
    if descriptor in _held:  # not in a process that this one has forked
        _held.discard(descriptor)
        os.close(descriptor)
