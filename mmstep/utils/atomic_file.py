"""A file that is there whole or not at all."""
import errno
import os
import os.path as osp
import shutil
import uuid
from contextlib import contextmanager
from glob import escape, glob
from typing import Iterator, Optional, Union

from mmstep.errors import LaunchError
from .locked_file import CAN_LOCK, open_locked, unlock
from .overwriting import printable

# What the writers of PyTorch, which say nothing else of a disk that is full, have in their message.
OF_PYTORCH = ('inline_container.cc', 'PytorchStreamWriter')
# The time of a temporary file into which nothing has been written, seconds.
LONG_AGO = 10**9
# Where a name is longer than this, the temporary one has its beginning only: file systems take 255 bytes.
STEM_LENGTH = 40
REASONS = {
    errno.ENOSPC: 'the disk is full',
    errno.EDQUOT: 'the quota of the disk is used up',
    errno.EFBIG: 'no larger file is permitted there',
    errno.EROFS: 'the disk is read-only',
    errno.EACCES: 'no permission to write there',
    errno.EPERM: 'no permission to write there',
    errno.EEXIST: 'what should be its folder is a file',
    errno.ENOTDIR: 'what should be its folder is a file',
}


class AtomicFile:
    """Writes a file under a temporary name and gives it its own name once it is whole and on the disk.

    The temporary name belongs to this object alone, so two programs that write the same file never mix: the last one
    to finish wins. It keeps the extension, by which encoders choose a format, and begins with a dot, so that patterns
    like ``*.pth`` do not find it. A process that is killed leaves the old file as it was, and a temporary one that the
    next one to write the file removes: it is there from the beginning and locked, so that those of living processes
    are known. A symbolic link stays one: what it points to is replaced. A device or pipe (``/dev/stdout``) is written
    to directly.

    Used as a context manager, which gives the temporary name and removes the file if the block raises, or by hand
    with :attr:`temporary`, :meth:`finish` and :meth:`discard`.

    Args:
        path (str or Path): The file.
        make_folder (bool): Whether to make its folder if there is none.
        hint (str): A sentence that follows the reason why the file could not be written.
        temporary_folder (str): Folder of the temporary file, on the same disk as ``path``; it is made. Defaults to
            that of ``path``.

    Raises:
        LaunchError: If the file cannot be written; one line that names it and the reason. So do the methods, and the
            context for an ``OSError`` of the block that is about the temporary file, and for PyTorch's in its place.

    Example:
        >>> with AtomicFile('figures.json') as name, open(name, 'w') as file:
        ...     json.dump(figures, file)
    """

    def __init__(self,
                 path: Union[str, os.PathLike],
                 make_folder: bool = False,
                 hint: str = '',
                 temporary_folder: Optional[str] = None) -> None:
        self.path = os.fspath(path)
        self._hint = hint
        self._target = osp.realpath(self.path)
        self._folder = osp.dirname(self._target)
        self.temporary = self._target
        self._descriptor: Optional[int] = None
        self._untouched: Optional[int] = None
        if osp.exists(self._target) and not osp.isfile(self._target):
            if osp.isdir(self._target):
                raise _launch_error(self.path, 'it is a folder', hint)
            return
        try:
            for folder in (self._folder if make_folder else None, temporary_folder):
                if folder:
                    os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise cannot_write(self.path, error, hint) from error
        if not osp.isdir(self._folder):
            raise _launch_error(self.path, f'the folder {self._folder} does not exist', hint)
        place = temporary_folder or self._folder
        why_not = unwritable(place)
        if why_not:
            raise _launch_error(self.path, why_not, hint)
        stem, extension = osp.splitext(osp.basename(self._target))
        stem = f'.{stem[:STEM_LENGTH]}.'
        self.temporary = osp.join(place, f'{stem}{uuid.uuid4().hex[:12]}.part{extension}')
        _remove_leftovers(osp.join(escape(place), f'{escape(stem)}{"?" * 12}.part{escape(extension)}'))
        try:
            self._claim()
        except OSError as error:
            raise cannot_write(self.path, error, hint) from error

    def _claim(self) -> None:
        """Makes the temporary file, empty and locked."""
        if not CAN_LOCK:
            return
        self._descriptor, _ = open_locked(self.temporary, make=True)
        os.utime(self._descriptor, (LONG_AGO, LONG_AGO))
        self._untouched = os.fstat(self._descriptor).st_mtime_ns

    def _unclaim(self) -> None:
        if self._descriptor is not None:
            unlock(self._descriptor)
            self._descriptor = None

    def finish(self) -> None:
        """Brings what was written to the disk and gives it its name."""
        if self.temporary == self._target:
            return
        try:
            status = os.stat(self.temporary)
            if not status.st_size and status.st_mtime_ns == self._untouched:
                raise FileNotFoundError(errno.ENOENT, 'nothing arrived there')
            _sync(self.temporary)
            if osp.exists(self._target):
                shutil.copymode(self._target, self.temporary)
            os.replace(self.temporary, self._target)
            if os.name == 'posix':
                _sync(self._folder)
        except OSError as error:
            self.discard()
            raise cannot_write(self.path, error, self._hint) from error
        self._unclaim()

    def discard(self) -> None:
        """Removes what was written; the file of before stays."""
        if self.temporary != self._target and osp.lexists(self.temporary):
            os.remove(self.temporary)
        self._unclaim()

    def __enter__(self) -> str:
        return self.temporary

    def __exit__(self, kind, error, traceback) -> None:
        if kind is None:
            self.finish()
            return
        self.discard()
        # Not of a file that the block reads.
        if isinstance(error, OSError) and error.filename in (None, self.temporary):
            raise cannot_write(self.path, error, self._hint) from error
        if _is_of_pytorch(error):
            raise _launch_error(self.path, 'is the disk full?', self._hint) from error


def _is_of_pytorch(error: Optional[BaseException]) -> bool:
    return isinstance(error, RuntimeError) and any(name in str(error) for name in OF_PYTORCH)


@contextmanager
def writing_into(folder: str) -> Iterator[None]:
    """Turns what libraries raise when a disk is full or read-only into a line that says where and why.

    Args:
        folder (str): Where they write, named if the error names no file.

    Raises:
        LaunchError: For an ``OSError`` of such a kind in the context, and for what PyTorch raises in its place.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in REASONS:
            raise
        raise cannot_write(os.fsdecode(error.filename) if error.filename else folder, error) from error
    except RuntimeError as error:
        if not _is_of_pytorch(error):
            raise
        raise _launch_error(folder, 'is the disk full?', '') from error


def unwritable(folder: str) -> Optional[str]:
    """Why no file can be made in a folder, as far as that can be told without making one.

    Args:
        folder (str): A folder that is there.

    Returns:
        str or None: The reason; None if there is none.
    """
    if os.access(folder, os.W_OK | os.X_OK):
        return None
    if os.name == 'posix' and os.statvfs(folder).f_flag & os.ST_RDONLY:
        return REASONS[errno.EROFS]
    return f'no permission to write into the folder {folder}'


def cannot_write(path: str, error: OSError, hint: str = '') -> LaunchError:
    """What people are told of a file that could not be written.

    Args:
        path (str): The file.
        error (OSError): What the system said.
        hint (str): A sentence that follows.

    Returns:
        LaunchError: One line with the path and the reason, to be raised from ``error``.
    """
    if isinstance(error, FileNotFoundError):
        folder = osp.dirname(osp.realpath(path))
        reason = 'nothing arrived there' if osp.isdir(folder) else f'the folder {folder} does not exist'
    else:
        reason = REASONS.get(error.errno or 0, error.strerror or str(error))
    return _launch_error(path, reason, hint)


def _launch_error(path: str, reason: str, hint: str) -> LaunchError:
    return LaunchError(' '.join(filter(None, [f'{printable(path)} cannot be written: {reason}.', hint])))


def write_text(path: Union[str, os.PathLike], text: str, make_folder: bool = False) -> None:
    """Writes a text file as UTF-8, whole or not at all; ends of line stay as they are.

    Args:
        path (str or Path): The file.
        text (str): Its content.
        make_folder (bool): Whether to make its folder if there is none.

    Raises:
        LaunchError: If it cannot be written.
    """
    with AtomicFile(path, make_folder) as name, open(name, 'w', encoding='utf-8', newline='') as file:
        file.write(text)


def _remove_leftovers(pattern: str) -> None:
    """Removes the temporary files of processes that were killed: those that nobody has locked."""
    if not CAN_LOCK:
        return
    for path in glob(pattern):
        try:
            descriptor, locked = open_locked(path)
        except OSError:  # a living process has it, or it has just gone
            continue
        try:
            if locked:
                os.remove(path)
        except FileNotFoundError:
            pass
        finally:
            unlock(descriptor)


def _sync(path: str) -> None:
    """Waits until a file or the names in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems and pipes cannot; the write itself has succeeded there.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)
