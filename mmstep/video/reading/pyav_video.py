"""A video read by PyAV (FFmpeg), for windows of a data set."""
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np

from ..frame_times import frames_shown_at
from .frame_index import index_by_decoding, index_frames
from .frame_reader import DecodeError, FrameReader
from .index_cache import IndexCache, file_state

KEPT_BYTES = 2**25  # of the pictures that a PyAVVideo keeps: about a hundred frames of UCF101

INDICES = IndexCache(index_frames)
DECODED_INDICES = IndexCache(index_by_decoding)
_sizes: Dict[tuple, Tuple[int, int]] = {}  # of the first frames, so that opening a file again decodes none


class PyAVVideo:
    """A video of which windows are read.

    The last pictures are kept, so that the overlapping windows of a test decode each frame once.

    Args:
        path (str): The file. It is read through for its frame times, once a process.

    Attributes:
        start_times (np.ndarray): (n,) seconds at which the frames start, from the first one on, ascending.

    Raises:
        VideoError: If the file cannot be opened, has no video, or not a frame can be decoded.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._index = INDICES.get(path)
        state = file_state(path)
        self._reader = FrameReader(path, self._index, size=_sizes.get(state))
        _sizes[state] = self._reader.size
        self.start_times = self._index.times
        # Of each frame, its number in the reader; None if that is the same.
        self._shown: Optional[np.ndarray] = None
        self._kept: Dict[int, np.ndarray] = {}
        self._kept_bytes = 0

    def __len__(self) -> int:
        return len(self._index.times)

    def get_avg_fps(self) -> float:
        """Frames a second, as the frame times say; of a single frame as the file says."""
        times = self._index.times
        return (len(times) - 1) / float(times[-1]) if len(times) > 1 else self._index.nominal_fps

    def frames(self, frame_inds: Sequence[int]) -> List[np.ndarray]:
        """Reads frames. Others are decoded only where these depend on them, and none of the others is converted.

        Args:
            frame_inds (Sequence[int]): Numbers 0..n-1, ascending, repetitions allowed.

        Returns:
            list[np.ndarray]: (H, W, 3) uint8, RGB; each for the caller to write to.

        Raises:
            DecodeError: If one of them cannot be decoded.
        """
        missing = [index for index in dict.fromkeys(frame_inds) if index not in self._kept]
        if self._shown is None and missing and 0 <= missing[0] <= missing[-1] < len(self):
            self._reader.expect(missing)
        pictures: List[np.ndarray] = []
        for index in frame_inds:
            if index not in self._kept:
                self._keep(index, self._read(index))
            pictures.append(self._kept[index].copy())
        return pictures

    def forget_pictures(self) -> None:
        """Lets go of the pictures that are kept."""
        self._kept.clear()
        self._kept_bytes = 0

    def _read(self, number: int) -> np.ndarray:
        try:
            return self._reader.read(number if self._shown is None else int(self._shown[number]))
        except DecodeError:
            if self._index.decoded or self._shown is not None or number >= len(self):
                raise DecodeError(number) from None
        decodable = DECODED_INDICES.get(self._path)
        # Without an error, the file has packets that are no frames of their own, such as fields.
        if decodable.errors:
            raise DecodeError(number)
        self._reader = FrameReader(self._path, decodable)
        if decodable.stamps is None:  # and no times that could be compared
            self._shown = np.arange(len(self)).clip(max=len(decodable.times) - 1)
        else:
            self._shown = frames_shown_at(self._index.times + self._index.start - decodable.start, decodable.times)
        return self._read(number)

    def _keep(self, number: int, picture: np.ndarray) -> None:
        """Adds a picture to those kept and drops the oldest."""
        self._kept[number] = picture
        self._kept_bytes += picture.nbytes
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            self._kept_bytes -= self._kept.pop(next(iter(self._kept))).nbytes
