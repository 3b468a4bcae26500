"""Which frame of a video is shown at a time."""
from typing import Any

import numpy as np

# Containers store times in steps of up to a millisecond, so a frame that is meant for a time may be stored as starting
# just after it.
TIME_TOLERANCE = 1e-3


def frame_start_times(reader: Any) -> np.ndarray:
    """Presentation time of every frame of a video.

    Args:
        reader (PyAVVideo | OpenCVVideo | decord.VideoReader): The open video.

    Returns:
        np.ndarray: (n,) float64 seconds, ascending, relative to the first frame: some files do not start at 0.
    """
    if hasattr(reader, 'start_times'):
        return reader.start_times
    starts = np.asarray(reader.get_frame_timestamp(range(len(reader))), dtype=np.float64)[:, 0]
    return starts - starts[0]


def frames_shown_at(times: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The frame that is on the screen at each time.

    Args:
        times (np.ndarray): (m,) seconds.
        starts (np.ndarray): (n,) start times of the frames, ascending, n > 0.

    Returns:
        np.ndarray: (m,) int64 indices 0..n-1.

    Example:
        >>> frames_shown_at(np.array([-1., 0., 0.5, 9.]), np.array([0., 0.4, 0.6]))
        array([0, 0, 1, 2])
    """
    shown = np.searchsorted(starts, times + TIME_TOLERANCE, side='right') - 1
    return np.clip(shown, 0, len(starts) - 1)


def frames_at_rate(times: np.ndarray, fps: float, total: int) -> np.ndarray:
    """The frame that is on the screen at each time, for frames at a constant rate.

    Args:
        times (np.ndarray): (m,) seconds.
        fps (float): Frames a second.
        total (int): Number of frames, more than 0.

    Returns:
        np.ndarray: (m,) int64 indices 0..total-1.
    """
    return np.clip(np.floor((times + TIME_TOLERANCE) * fps).astype(np.int64), 0, total - 1)
