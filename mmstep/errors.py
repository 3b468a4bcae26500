"""Every error of mmstep whose message is for people."""


class LaunchError(Exception):
    """An error whose message tells a user all there is to know: tools print it without a traceback and exit with 1."""


class VideoError(LaunchError):
    """A video that cannot be read or written; the message names the file, what is wrong with it and what to do."""
