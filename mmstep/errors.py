"""Every error of mmstep whose message is for people."""
import re


class LaunchError(Exception):
    """An error whose message tells a user all there is to know: tools print it without a traceback and exit with 1.

    One that comes out of a worker process of a data loader has the worker's traceback around its message; only the
    message stays.
    """

    def __init__(self, *args: object) -> None:
        text = args[0] if args else None
        if isinstance(text, str) and re.match(r'Caught \w+ in DataLoader worker process', text):
            text = re.split(rf'^(?:[\w.]+\.)?{type(self).__name__}: ', text, flags=re.MULTILINE)[-1].rstrip()
            args = (text, *args[1:])
        super().__init__(*args)

    def __str__(self) -> str:
        # Names of files need not be UTF-8; terminals, logs and JSON do.
        return super().__str__().encode(errors='backslashreplace').decode()


class VideoError(LaunchError):
    """A video that cannot be read or written; the message names the file, what is wrong with it and what to do."""


class DataError(LaunchError, ValueError):
    """A file or a setting of a data set that is wrong; the message names the file, and the line, video or tube."""


class MissingDataError(LaunchError, FileNotFoundError):
    """A file of a data set that is not there."""


class UndecodableError(LaunchError, RuntimeError):
    """Frames of a video that cannot be decoded while a data set is read."""
