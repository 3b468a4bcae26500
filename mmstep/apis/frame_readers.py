"""Two ways of getting frame number i of a video file: decord, and OpenCV for what decord cannot read."""
import os
import os.path as osp
from typing import Tuple

import cv2
import numpy as np

from mmstep.datasets.transforms import open_video
from mmstep.datasets.transforms.sampling import frame_start_times

# FFmpeg inside OpenCV writes every damaged packet to stderr; what matters of it is said once, by VideoSource.
os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')

# decord 0.6.0 loses the first group of pictures of an MPEG transport stream: every frame comes 12 frames early.
WRONG_IN_DECORD = ('.ts', '.m2ts', '.mts')
# As far ahead as this, decoding on is cheaper than a seek, which starts anew from the last key frame.
READ_ON = 64


class DecodeError(Exception):
    """Frame ``index`` cannot be decoded."""

    def __init__(self, index: int) -> None:
        super().__init__(f'frame {index} cannot be decoded')
        self.index = index


class DecordReader:
    """Frames through decord.

    Args:
        path (str): The file.

    Attributes:
        times (np.ndarray): (n,) float64 start times of the frames in seconds from the first one, not descending.
        nominal_fps (float): What the file says of its frame rate.

    Raises:
        ValueError: If decord cannot open the file, is known to read this kind wrongly, or finds no frame times.
    """
    name = 'decord'

    def __init__(self, path: str) -> None:
        if osp.splitext(path)[1].lower() in WRONG_IN_DECORD:
            raise ValueError('decord shifts the frames of MPEG transport streams')
        import decord
        decord.logging.set_level(decord.logging.QUIET)
        self._reader = open_video(path)
        self._next = 0
        self.times = frame_start_times(self._reader)
        self.nominal_fps = float(self._reader.get_avg_fps())
        if not _ascending(self.times):
            raise ValueError('decord finds no frame times in the file')

    def read(self, index: int) -> np.ndarray:
        """Decodes a frame.

        Args:
            index (int): 0..n-1; cheapest in ascending order.

        Returns:
            np.ndarray: (H, W, 3) uint8, RGB.

        Raises:
            DecodeError: If the frame, or one on the way to it, cannot be decoded.
        """
        import decord
        try:
            if not self._next <= index <= self._next + READ_ON:
                self._reader.seek_accurate(index)
                self._next = index
            while True:
                frame = self._reader.next()
                self._next += 1
                if self._next > index:
                    return frame.asnumpy()
        except (decord.DECORDError, RuntimeError, IndexError, StopIteration) as error:
            raise DecodeError(self._next) from error


class OpenCVReader:
    """Frames through OpenCV. Opening decodes the whole file once: that alone tells how many frames can be decoded, and
    when each is shown; the header of a file that decord refuses is often wrong about both.

    Args:
        path (str): The file.

    Attributes:
        times (np.ndarray): (n,) float64 start times of the decodable frames in seconds from the first one, ascending.
        nominal_fps (float): What the file says of its frame rate.

    Raises:
        ValueError: If OpenCV cannot open the file or decode a single frame.
    """
    name = 'OpenCV'

    def __init__(self, path: str) -> None:
        self._path = path
        self._open()
        self.nominal_fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        stamps = []
        while self._capture.grab():
            stamps.append(self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        if not stamps:
            raise ValueError('OpenCV can decode no frame')
        self.times = _repair_times(np.array(stamps), self.nominal_fps)
        self._open()

    def _open(self) -> None:
        self._capture = cv2.VideoCapture(self._path)
        if not self._capture.isOpened():
            raise ValueError('OpenCV cannot open it')
        self._next = 0

    def read(self, index: int) -> np.ndarray:
        """Decodes a frame; see :meth:`DecordReader.read`. Going back starts from the first frame again, since OpenCV's
        seeking is not exact.
        """
        if index < self._next:
            self._open()
        while self._next <= index:
            if not self._capture.grab():
                raise DecodeError(self._next)
            self._next += 1
        found, frame = self._capture.retrieve()
        if not found:
            raise DecodeError(index)
        return np.ascontiguousarray(frame[..., ::-1])


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
