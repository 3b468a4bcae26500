"""Lists files below a folder, whatever state its folders and links are in."""
import os
from typing import Callable, Iterator, Sequence, Tuple


def find_files(folder: str, extensions: Sequence[str]) -> Iterator[Tuple[str, int]]:
    """Looks through a folder and its subfolders; links are followed, to folders too, but in no circle.

    A subfolder that cannot be read is yielded in place of the files in it, and so is a link to a file that is not
    there: whoever opens them learns the reason, and the others go on.

    Args:
        folder (str): The folder.
        extensions (Sequence[str]): Endings of their names in lower case, with the dot.

    Yields:
        tuple[str, int]: Path relative to the folder with forward slashes, and size in bytes, 0 of what is no file.

    Raises:
        OSError: If the folder itself cannot be read.
    """
    with os.scandir(folder):
        pass
    yield from _find(folder, '', tuple(extensions), ())


def _find(folder: str, prefix: str, extensions: tuple, above: tuple) -> Iterator[Tuple[str, int]]:
    """``above`` are the folders on the way here, which a link may lead back to."""
    try:
        status = os.stat(folder)
        with os.scandir(folder) as listed:
            entries = list(listed)
    except OSError:
        yield prefix.rstrip('/'), 0
        return
    identity = status.st_dev, status.st_ino
    if identity in above:
        return
    for entry in entries:
        if ask(entry.is_dir):
            yield from _find(entry.path, f'{prefix}{entry.name}/', extensions, (*above, identity))
        elif entry.name.lower().endswith(extensions):
            yield prefix + entry.name, entry.stat().st_size if ask(entry.is_file) else 0


def ask(question: Callable[[], bool]) -> bool:
    """The answer of a directory entry; False for a link that leads in a circle."""
    try:
        return question()
    except OSError:
        return False
