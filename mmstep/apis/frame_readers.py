"""The frames of a video file by number: their times, and reading them one after the other.

Times come from decord, which finds them without decoding, or from OpenCV, which has to decode the file for them but
opens what decord cannot. Pictures always come from OpenCV: decord 0.6.0 decodes ahead of its reader without limit, so
that a video would pile up in memory while the model works, and it shifts the frames of MPEG transport streams.
"""
import os
from typing import NamedTuple, Tuple

import cv2
import numpy as np

from mmstep.datasets.transforms import open_video
from mmstep.datasets.transforms.sampling import frame_start_times

# FFmpeg inside OpenCV writes every damaged packet to stderr; what matters of it is said once, by VideoSource.
os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')


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


def index_with_decord(path: str) -> FrameIndex:
    """Lists the frames of a file without decoding them.

    Args:
        path (str): The file.

    Returns:
        FrameIndex: The frames that the file promises.

    Raises:
        ValueError: If decord cannot open the file or finds no frame times.
    """
    import decord
    decord.logging.set_level(decord.logging.QUIET)
    reader = open_video(path)
    times = frame_start_times(reader)
    if not _ascending(times):
        raise ValueError('decord finds no frame times in the file')
    return FrameIndex(times, float(reader.get_avg_fps()), decoded=False)


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


def _open(path: str) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(path)
    if not capture.isOpened():
        raise ValueError('OpenCV cannot open it')
    return capture


def promised_seconds(path: str) -> float:
    """How long a file claims to be.

    Args:
        path (str): The file.

    Returns:
        float: Seconds; 0 if it does not say.
    """
    capture = cv2.VideoCapture(path)
    frames, fps = capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)
    capture.release()
    return frames / fps if frames > 0 and fps > 0 else 0.0


def frame_rate(times: np.ndarray, nominal: float) -> Tuple[float, bool]:
    """The frame rate of a file: what its frame times say, or the nominal value where it agrees with them.

    Args:
        times (np.ndarray): (n,) start times of the frames, seconds, ascending.
        nominal (float): Frames a second according to the file's header.

    Returns:
        tuple[float, bool]: Frames a second; with a variable rate that of its usual interval, 120 at most. And whether
        the
            rate is variable.

    Example:
        >>> frame_rate(np.array([0, 0.033, 0.067, 0.1]), 30.)
        (30.0, False)
    """
    plausible = 0 < nominal <= 1000
    if len(times) < 2:
        return (nominal if plausible else 25.0), False
    intervals = np.diff(times)
    usual = float(np.median(intervals))
    # Times are rounded to milliseconds in some containers.
    if np.abs(intervals - usual).max() > 0.5 * usual + 0.002:
        return min(1 / max(usual, 1e-3), 120.0), True
    measured = len(intervals) / float(times[-1] - times[0])
    # The nominal value is the exact one if following it ends less than half a frame off.
    if plausible and abs(nominal / measured - 1) * len(times) < 0.5:
        return nominal, False
    return measured, False


def _ascending(times: np.ndarray) -> bool:
    return bool(np.isfinite(times).all() and (np.diff(times) > 0).all())


def _repair_times(times: np.ndarray, nominal_fps: float) -> np.ndarray:
    """Times from 0 on; spread evenly if the file's own do not ascend, as in AVI files with reordered frames."""
    if _ascending(times):
        return times - times[0]
    steps = np.diff(times)
    steps = steps[steps > 0]
    step = float(np.median(steps)) if len(steps) else 1 / (nominal_fps if 0 < nominal_fps <= 1000 else 25.0)
    return np.arange(len(times)) * step
