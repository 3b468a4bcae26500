"""Opens videos with decord, except those on which it fails in worse ways than an error."""
import os
from functools import lru_cache
from typing import Any, Mapping, Tuple, cast

import numpy as np

from mmstep.errors import VideoError
from ..frame_times import frame_start_times
from .container import Decoder, open_container
from .frame_index import LONGEST_FRAME

REPAIR = ('Download or copy it again, or try to repair it: ffmpeg -i {path} -c copy repaired.mp4, or with '
          '-c:v libx264 -crf 18 -an in place of -c copy')


def short_reason(error: Exception) -> str:
    """First line of an error's message: decord appends its call stack."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def open_video(path: str, num_threads: int = 1) -> object:
    """Opens a video with decord.

    A file whose header claims more frames than the file has bytes is left alone: decord allocates memory for all of
    them and ends the whole process. So is one that is stored turned. FFmpeg reads the header and a frame first to find
    out, once a process and file, which takes some milliseconds.

    Args:
        path (str): The file.
        num_threads (int): Threads that decode. Defaults to 1.

    Returns:
        decord.VideoReader: The reader; its frames are RGB.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If decord finds no video in the file or no time for each frame, or the file is stored turned.
    """
    import decord
    if not os.path.isfile(path):
        raise FileNotFoundError(f'video {path} does not exist')
    status = os.stat(path)
    try:
        claimed, turned = _look_at_head(path, status.st_mtime_ns, status.st_size)
    except VideoError as error:
        raise ValueError(str(error)) from error
    if turned:
        raise ValueError(f'{path} is stored turned, as phones do; decord mixes up its pixels')
    if claimed > status.st_size:
        raise ValueError(f'{path} claims to have {claimed} frames, which its {status.st_size} bytes cannot hold')
    try:
        reader = decord.VideoReader(path, num_threads=num_threads)
        times = frame_start_times(reader) if len(reader) else np.zeros(0)
    except (decord.DECORDError, RuntimeError) as error:
        raise ValueError(f'{path} cannot be opened by decord: {short_reason(error)}') from error
    steps = np.diff(times)
    if not len(times) or not np.isfinite(times).all() or (len(steps)
                                                          and not 0 < steps.min() <= steps.max() <= LONGEST_FRAME):
        raise ValueError(f'decord finds no frame times in {path}')
    return reader


@lru_cache(maxsize=65536)
def _look_at_head(path: str, _mtime_ns: int, _size: int) -> Tuple[int, bool]:
    """How many frames the header of a file claims, by number or length, 0 if it does not say, and whether its pictures
    are to be turned; once for each state of a file."""
    container, stream = open_container(path)
    with container:
        if stream.duration and stream.time_base:
            seconds = float(stream.duration * stream.time_base)
        else:
            seconds = (container.duration or 0) / 1e6
        claimed = max(stream.frames, int(seconds * float(stream.average_rate or 0)))
        first = next(Decoder(container, stream).frames(), None)
        return claimed, first is not None and 'DISPLAYMATRIX' in cast(Mapping[str, Any], first.side_data)
