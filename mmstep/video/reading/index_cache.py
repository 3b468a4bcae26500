"""The frame indices of the files that a process has read, in little memory."""
import os
from collections import OrderedDict
from fractions import Fraction
from typing import Callable, NamedTuple, Optional, Tuple

import numpy as np

from .frame_index import FrameIndex

MOST_FILES = 65536
FINEST_STEP = 10**7  # of a file's times in a second; containers have 90000 or a few millions at most


class PackedIndex(NamedTuple):
    """A :class:`FrameIndex` with a byte or two for each frame in place of sixteen, and none where all are alike.

    Attributes:
        rest (FrameIndex): Without times and stamps, if these could be packed.
        first (int): The first stamp.
        steps (np.ndarray): (n - 1,) from stamp to stamp; (1,) if all are equal.
        num_frames (int): 0 if nothing is packed.
        unit (float): Seconds a step of the stamps.
    """
    rest: FrameIndex
    first: int
    steps: np.ndarray
    num_frames: int
    unit: float


def pack_index(index: FrameIndex) -> PackedIndex:
    """Makes an index small.

    Args:
        index (FrameIndex): The index.

    Returns:
        PackedIndex: From which :func:`unpack_index` gives the same one, to the bit.
    """
    stamps = index.stamps
    if stamps is not None and len(stamps) > 1:
        steps = np.diff(stamps)
        unit = float(Fraction(index.times[-1] / int(stamps[-1] - stamps[0])).limit_denominator(FINEST_STEP))
        steps = steps[:1] if (steps == steps[0]).all() else steps.astype(np.min_scalar_type(int(steps.max())))
        empty = np.zeros(0)
        packed = PackedIndex(index._replace(times=empty, stamps=None), int(stamps[0]), steps, len(stamps), unit)
        # Times that are not those of the stamps, as of files whose own times are not believed, stay as they are.
        if np.array_equal(unpack_index(packed).times, index.times):
            return packed
    return PackedIndex(index, 0, np.zeros(0, dtype=np.int64), 0, 0.)


def unpack_index(packed: PackedIndex) -> FrameIndex:
    """The opposite of :func:`pack_index`."""
    if not packed.num_frames:
        return packed.rest
    ticks = np.zeros(packed.num_frames, dtype=np.int64)
    np.cumsum(np.broadcast_to(packed.steps.astype(np.int64), packed.num_frames - 1), out=ticks[1:])
    return packed.rest._replace(times=ticks * packed.unit, stamps=ticks + packed.first)


class IndexCache:
    """Lists the frames of each file once, for a worker opens each video of a data set many times.

    Args:
        list_frames (Callable): Makes the :class:`FrameIndex` of a path.
    """

    def __init__(self, list_frames: Callable[[str], FrameIndex]) -> None:
        self._list_frames = list_frames
        self._kept: 'OrderedDict[tuple, PackedIndex]' = OrderedDict()

    def get(self, path: str) -> FrameIndex:
        """The index of a file, made anew if the file has been written anew since.

        Args:
            path (str): The file.

        Returns:
            FrameIndex: Its frames.

        Raises:
            VideoError: If the file cannot be opened, has no video, or not a frame can be decoded.
        """
        key = file_state(path)
        if key in self._kept:
            self._kept.move_to_end(key)
            return unpack_index(self._kept[key])
        index = self._list_frames(path)
        self._kept[key] = pack_index(index)
        if len(self._kept) > MOST_FILES:
            self._kept.popitem(last=False)
        return index


def file_state(path: str) -> Tuple[str, Optional[int], Optional[int]]:
    """A path and what changes when the file is written anew; nothing of a file that is not there."""
    if not os.path.isfile(path):
        return path, None, None
    status = os.stat(path)
    return path, status.st_mtime_ns, status.st_size
