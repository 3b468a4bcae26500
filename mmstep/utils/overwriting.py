"""No output takes the place of an input."""
import hashlib
import os
import os.path as osp
from typing import Dict, Iterable, List, Union

from mmstep.errors import LaunchError

Paths = Iterable[Union[str, os.PathLike, None]]
LONGEST_NAME = 220


def refuse_overwriting(outputs: Paths, inputs: Paths) -> None:
    """Raises if an output is one of the inputs or another output, under whatever name: before any work is done.

    Links are followed, and a file counts as another one's if the file system says so, as for hard links and for names
    that differ in their case only. Devices and pipes may be written to by several.

    Args:
        outputs (Iterable[str or Path or None]): What is to be written; None stands for one that is not asked for.
        inputs (Iterable[str or Path or None]): What is read; what is no file, such as a stream's address, is ignored.

    Raises:
        LaunchError: If so; names the two.
    """
    read = {key: os.fspath(path) for path in inputs if path is not None for key in _identities(os.fspath(path))}
    written: Dict[tuple, str] = {}
    for path in (os.fspath(output) for output in outputs if output):
        if osp.exists(path) and not osp.isfile(path):
            continue
        for key in _identities(path):
            if key in read:
                alias = '' if path == read[key] else f' ({printable(read[key])})'
                raise LaunchError(f'{printable(path)} is the file that is read{alias}: nothing is written. Choose '
                                  'another name for the output.')
            if key in written:
                raise LaunchError(f'{printable(written[key])} and {printable(path)} are two outputs with one name: '
                                  'choose another one.')
        written.update(dict.fromkeys(_identities(path), path))


def _identities(path: str) -> List[tuple]:
    """What two paths of one file have in common: where it lies and, if it is there, what the file system calls it."""
    try:
        status = os.stat(path)
        return [(osp.normcase(osp.realpath(path)), ), (status.st_dev, status.st_ino)]
    except (OSError, ValueError):
        return [(osp.normcase(osp.realpath(path)), )]


def shorten_name(name: str, most: int = LONGEST_NAME) -> str:
    """A file name that leaves room for what is appended to it, where a name is as long as file systems permit.

    Args:
        name (str): Without a folder.
        most (int): Bytes that it may have. Defaults to 220 of the 255 that file systems take.

    Returns:
        str: The name, or its beginning and a hash of all of it.

    Example:
        >>> shorten_name('clip.mp4'), shorten_name('a' * 250, most=20)
        ('clip.mp4', 'aaaaaaaaa~b5d5e3e0fc')
    """
    whole = os.fsencode(name)
    if len(whole) <= most:
        return name
    return f'{whole[:most - 11].decode(errors="ignore")}~{hashlib.sha1(whole).hexdigest()[:10]}'


def printable(path: str) -> str:
    """A path as text: names that are not UTF-8 have no other form that files and terminals take.

    Example:
        >>> printable('caf\\udce9.mp4')
        'caf\\\\udce9.mp4'
    """
    return path.encode(errors='backslashreplace').decode()
