"""The error of the command-line tools."""


class LaunchError(Exception):
    """An error whose message tells a user all there is to know: tools print it without a traceback and exit with 1."""
