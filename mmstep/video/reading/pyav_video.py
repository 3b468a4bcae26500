"""A video read by PyAV with the interface of decord, for files that decord cannot open."""
import os
from functools import lru_cache
from typing import Dict, NamedTuple, Optional, Sequence

import numpy as np

from ..frame_times import frames_shown_at
from .frame_index import FrameIndex, index_by_decoding, index_frames
from .frame_reader import DecodeError, FrameReader

KEPT_BYTES = 2**25  # of the pictures that a PyAVVideo keeps: about a hundred frames of UCF101


class PyAVFrame(NamedTuple):
    """A decoded frame, as decord hands one out.

    Attributes:
        pixels (np.ndarray): (H, W, 3) uint8, RGB.
    """
    pixels: np.ndarray

    def asnumpy(self) -> np.ndarray:
        """A copy of the pixels, which the caller may write to."""
        return self.pixels.copy()


class PyAVVideo:
    """A video with the part of decord's VideoReader that loading a window needs.

    The last pictures are kept, so that the overlapping windows of a test decode each frame once.

    Args:
        path (str): The file. It is read through for its frame times, once a process.

    Raises:
        VideoError: If the file cannot be opened, has no video, or not a frame can be decoded.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._index = _cached_index(path, *_state(path))
        self._reader = FrameReader(path, self._index)
        # Of each frame, its number in the reader; None if that is the same.
        self._shown: Optional[np.ndarray] = None
        self._kept: Dict[int, PyAVFrame] = {}
        self._kept_bytes = 0
        self._next = 0

    def __len__(self) -> int:
        return len(self._index.times)

    def get_avg_fps(self) -> float:
        """Frames a second, as the frame times say; of a single frame as the file says."""
        times = self._index.times
        return (len(times) - 1) / float(times[-1]) if len(times) > 1 else self._index.nominal_fps

    def get_frame_timestamp(self, frames: Sequence[int]) -> np.ndarray:
        """Start and end of frames, (n, 2) seconds; the last frame's end is its start."""
        starts = self._index.times
        return np.stack([starts, np.append(starts[1:], starts[-1])], axis=1)[list(frames)]

    def seek_accurate(self, frame: int) -> None:
        """The next frame to read."""
        self._next = frame

    def seek(self, frame: int) -> None:
        """The same: only reading costs anything."""
        self._next = frame

    def next(self) -> PyAVFrame:
        """Reads a frame.

        Raises:
            DecodeError: If it cannot be decoded.
        """
        if self._next not in self._kept:
            self._keep(self._next, PyAVFrame(self._read(self._next)))
        frame = self._kept[self._next]
        self._next += 1
        return frame

    def _read(self, number: int) -> np.ndarray:
        try:
            return self._reader.read(number if self._shown is None else int(self._shown[number]))
        except DecodeError:
            if self._index.decoded or self._shown is not None or number >= len(self):
                raise DecodeError(number) from None
        decodable = _cached_index_by_decoding(self._path, *_state(self._path))
        # Without an error, the file has packets that are no frames of their own, such as fields.
        if decodable.errors:
            raise DecodeError(number)
        self._reader = FrameReader(self._path, decodable)
        if decodable.stamps is None:  # and no times that could be compared
            self._shown = np.arange(len(self)).clip(max=len(decodable.times) - 1)
        else:
            self._shown = frames_shown_at(self._index.times + self._index.start - decodable.start, decodable.times)
        return self._read(number)

    def _keep(self, number: int, frame: PyAVFrame) -> None:
        """Adds a picture to those kept and drops the oldest."""
        self._kept[number] = frame
        self._kept_bytes += frame.pixels.nbytes
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            self._kept_bytes -= self._kept.pop(next(iter(self._kept))).pixels.nbytes


def _state(path: str) -> tuple:
    """What changes when a file is written anew; nothing of a file that is not there."""
    if not os.path.isfile(path):
        return None, None
    status = os.stat(path)
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=4096)
def _cached_index(path: str, _mtime_ns: int, _size: int) -> FrameIndex:
    """:func:`index_frames`, once for each state of a file: a worker opens each video of a data set many times."""
    return index_frames(path)


@lru_cache(maxsize=4096)
def _cached_index_by_decoding(path: str, _mtime_ns: int, _size: int) -> FrameIndex:
    """:func:`index_by_decoding`, once for each state of a file."""
    return index_by_decoding(path)
