"""Errors of the interfaces for users' own videos."""
from mmstep.engine.errors import LaunchError


class VideoError(LaunchError):
    """A video that cannot be read or written; the message names the file, what is wrong with it and what to do."""
