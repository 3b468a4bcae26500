"""Reading a video file by OpenCV, frame after frame.

It opens what decord refuses. Its seeking is not exact and the header of such a file is often wrong, so frames are
counted by decoding.
"""
import os
from functools import lru_cache
from typing import Dict, NamedTuple, Sequence

import cv2
import numpy as np

# FFmpeg inside OpenCV writes every damaged packet to stderr; what matters of it is said once, by who reads.
os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')

KEPT_BYTES = 2**25  # of the pictures that an OpenCVVideo keeps: about a hundred frames of UCF101


class DecodeError(Exception):
    """Frame ``index`` cannot be decoded."""

    def __init__(self, index: int) -> None:
        super().__init__(f'frame {index} cannot be decoded')
        self.index = index


class FrameIndex(NamedTuple):
    """Which frames a file has.

    Attributes:
        times (np.ndarray): (n,) float64 start times of the frames in seconds from the first one, ascending, n > 0.
        nominal_fps (float): What the file says of its frame rate.
        decoded (bool): Whether all of them are known to be decodable.
    """
    times: np.ndarray
    nominal_fps: float
    decoded: bool


def index_with_opencv(path: str) -> FrameIndex:
    """Lists the frames of a file by decoding it once: that alone tells how many can be decoded, and when each is
    shown. The header of a file that decord refuses is often wrong about both.

    Args:
        path (str): The file.

    Returns:
        FrameIndex: The decodable frames.

    Raises:
        ValueError: If OpenCV cannot open the file or decode a single frame.
    """
    capture = _open(path)
    nominal_fps = float(capture.get(cv2.CAP_PROP_FPS))
    stamps = []
    while capture.grab():
        stamps.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
    if not stamps:
        raise ValueError('OpenCV can decode no frame')
    return FrameIndex(_repair_times(np.array(stamps), nominal_fps), nominal_fps, decoded=True)


class FrameReader:
    """Decodes frames in ascending order. It holds one frame and goes only as far as it is asked to.

    Args:
        path (str): The file.
        index (FrameIndex): Its frames. Unless they are known to be decodable, each frame's time is compared with it:
            FFmpeg leaves damaged frames out, after which the numbers would be wrong.

    Raises:
        ValueError: If OpenCV cannot open the file.
    """

    def __init__(self, path: str, index: FrameIndex) -> None:
        self._path = path
        self._index = index
        usual = float(np.median(np.diff(index.times))) if len(index.times) > 1 else 1.0
        self._tolerance = 0.5 * usual + 0.002
        self._rewind()

    def _rewind(self) -> None:
        self._capture = _open(self._path)
        self._next = 0

    def read(self, number: int) -> np.ndarray:
        """Decodes a frame.

        Args:
            number (int): 0..n-1. Going back starts from the first frame again, since OpenCV's seeking is not exact.

        Returns:
            np.ndarray: (H, W, 3) uint8, RGB.

        Raises:
            DecodeError: If the frame, or one on the way to it, cannot be decoded.
        """
        if number < self._next:
            self._rewind()
        while self._next <= number:
            if not self._capture.grab() or not self._is_expected():
                raise DecodeError(self._next)
            self._next += 1
        found, frame = self._capture.retrieve()
        if not found:
            raise DecodeError(number)
        return cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)

    def _is_expected(self) -> bool:
        if self._index.decoded:
            return True
        stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if self._next == 0:
            self._start = stamp
        return abs(stamp - self._start - self._index.times[self._next]) <= self._tolerance


class OpenCVVideo:
    """A video with the part of decord's VideoReader that loading a window needs.

    The last pictures are kept, so that the overlapping windows of a test decode each frame once. What has to be read
    again is decoded from the first frame, in UCF101's clips some thousand frames a second.

    Args:
        path (str): The file. It is decoded for its frames, once a process.

    Raises:
        ValueError: If OpenCV cannot open the file or decode a single frame.
    """

    def __init__(self, path: str) -> None:
        status = os.stat(path)
        self._index = _cached_index(path, status.st_mtime_ns, status.st_size)
        self._reader = FrameReader(path, self._index)
        self._kept: Dict[int, OpenCVFrame] = {}
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

    def next(self) -> 'OpenCVFrame':
        """Reads a frame.

        Raises:
            DecodeError: If it cannot be decoded.
        """
        if self._next not in self._kept:
            self._keep(self._next, OpenCVFrame(self._reader.read(self._next)))
        frame = self._kept[self._next]
        self._next += 1
        return frame

    def _keep(self, number: int, frame: 'OpenCVFrame') -> None:
        """Adds a picture to those kept and drops the oldest."""
        self._kept[number] = frame
        self._kept_bytes += frame.pixels.nbytes
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            self._kept_bytes -= self._kept.pop(next(iter(self._kept))).pixels.nbytes


class OpenCVFrame(NamedTuple):
    """A decoded frame, as decord hands one out.

    Attributes:
        pixels (np.ndarray): (H, W, 3) uint8, RGB.
    """
    pixels: np.ndarray

    def asnumpy(self) -> np.ndarray:
        """A copy of the pixels, which the caller may write to."""
        return self.pixels.copy()


@lru_cache(maxsize=4096)
def _cached_index(path: str, _mtime_ns: int, _size: int) -> FrameIndex:
    """:func:`index_with_opencv`, once for each state of a file: a worker opens each video of a data set many times."""
    return index_with_opencv(path)


def _open(path: str) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(path)
    if not capture.isOpened():
        raise ValueError('OpenCV cannot open it')
    return capture


def ascending(times: np.ndarray) -> bool:
    """Whether frame times are finite and ascend."""
    return bool(np.isfinite(times).all() and (np.diff(times) > 0).all())


def _repair_times(times: np.ndarray, nominal_fps: float) -> np.ndarray:
    """Times from 0 on; spread evenly if the file's own do not ascend, as in AVI files with reordered frames."""
    if ascending(times):
        return times - times[0]
    steps = np.diff(times)
    steps = steps[steps > 0]
    step = float(np.median(steps)) if len(steps) else 1 / (nominal_fps if 0 < nominal_fps <= 1000 else 25.0)
    return np.arange(len(times)) * step
