"""The frames of a video file by number: their times, and how fast they follow each other.

Times come from decord, which finds them without decoding, or from OpenCV, which has to decode the file for them but
opens what decord cannot. Pictures always come from OpenCV: decord 0.6.0 decodes ahead of its reader without limit, so
that a video would pile up in memory while the model works, and it shifts the frames of MPEG transport streams.
"""
from typing import Tuple

import cv2
import numpy as np

from .decord_reader import open_video
from .frame_times import frame_start_times
from .opencv_reader import DecodeError, FrameIndex, FrameReader, ascending, index_with_opencv

__all__ = [
    'DecodeError', 'FrameIndex', 'FrameReader', 'frame_rate', 'index_with_decord', 'index_with_opencv',
    'promised_seconds'
]


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
    if not ascending(times):
        raise ValueError('decord finds no frame times in the file')
    return FrameIndex(times, float(reader.get_avg_fps()), decoded=False)


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
            the rate is variable.

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
