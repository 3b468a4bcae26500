"""A video file as pictures at given times, whatever its container, frame rate and state."""
import logging
import threading
from typing import Dict, List, Optional, Sequence, Union

import numpy as np
from mmengine.logging import print_log

from mmstep.errors import VideoError
from .frame_times import frames_shown_at
from .reading.frame_index import FrameIndex, frame_rate, index_by_decoding, index_frames
from .reading.frame_reader import DecodeError, FrameReader


class VideoSource:
    """A video file.

    Anything that FFmpeg reads, by PyAV. The frame of a time is the one *shown* then, by the rule of
    :class:`SampleTubeWindow`, for constant and variable frame rates. Times count from the first frame. Pictures come
    upright, as the rotation that phones store tells. Opening reads through the file for the times of its frames, and
    decodes it only if they are not there.

    Of a damaged file those frames are shown that can be decoded, as players do. When the damage is met a warning names
    file and second, :attr:`broken_from` keeps the second, and :attr:`duration` shrinks if the end is lost.

    Only the frames of the last call are kept in memory.

    Args:
        path (str): The file.
        warn (bool): Whether to log what is broken; False for a second reader of the same file.

    Attributes:
        path (str): The file.
        width, height (int): Size of the frames in pixels.
        fps (float): Frames a second; of a variable rate the usual one.
        variable_rate (bool): Whether the frames come at uneven intervals.
        times (np.ndarray): (n,) start times of the frames, seconds from the first one, ascending.
        broken_from (float, optional): From which second on the file is known to be damaged or cut off.

    Raises:
        VideoError: If the file is missing, empty, not a video, or not a single frame can be decoded.
    """

    def __init__(self, path: str, warn: bool = True) -> None:
        path = str(path)
        self.path = path
        self.broken_from: Optional[float] = None
        self._warn = warn
        self._kept: Dict[int, np.ndarray] = {}
        self._lock = threading.RLock()  # detection reads in a thread of its own
        self._use(index_frames(path))
        self.fps, self.variable_rate = frame_rate(self.times, self._index.nominal_fps)
        self.height, self.width = self.frames_at([0.0])[0].shape[:2]
        self._compare_with_promise()

    @property
    def duration(self) -> float:
        """float: Seconds from the first frame's start to the last one's end."""
        return float(self.times[-1]) + 1 / self.fps

    def frames_at(self, times: Union[Sequence[float], np.ndarray]) -> List[np.ndarray]:
        """The pictures on the screen at some times.

        Args:
            times (Sequence[float]): (m,) seconds from the first frame; before it and after the last one those two
                are repeated. Calls with ascending times decode each frame once.

        Returns:
            list[np.ndarray]: m frames (H, W, 3) uint8, RGB. Frames that occur several times are one array: do not
                write to them.
        """
        with self._lock:
            return self._frames_at(times)

    def _frames_at(self, times: Union[Sequence[float], np.ndarray]) -> List[np.ndarray]:
        while True:
            indices = frames_shown_at(np.asarray(times, dtype=np.float64), self.times).tolist()
            try:
                kept = {}
                for index in sorted(set(indices)):
                    kept[index] = self._kept[index] if index in self._kept else self._reader.read(index)
            except DecodeError as error:
                self._kept = {}
                self._give_up_from(error.index)
                continue
            self._kept = kept
            return [kept[index] for index in indices]

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._reader.close()

    def _use(self, index: FrameIndex) -> None:
        self._index = index
        self._reader = FrameReader(self.path, index, parallel=True)
        self.times = index.times

    def _give_up_from(self, number: int) -> None:
        """Goes on with what can be read although frame ``number`` of the index is not where it should be."""
        before = self._index
        if before.decoded:  # and cannot be any more
            self.times = self.times[:number]
        else:
            self._use(index_by_decoding(self.path))
        if len(self.times) == 0:
            raise VideoError(f'{self.path}: not one frame can be decoded, the file is damaged. Get it again')
        if not before.decoded and not self._index.errors:
            return  # packets that are not frames of their own, such as fields, or that nothing refers to: no damage
        lost = lost_frames(before.start + before.times, self._index.start + self.times)
        if len(lost):
            self.broken_from = float(before.times[lost[0]])
            behind = before.start + before.times[lost[-1]] < self._index.start + self.times[-1]
            self._log(f'{self.path} is damaged from second {self.broken_from:.2f} on: {len(lost)} of '
                      f'{len(before.times)} frames are lost. ' +
                      ('In their place the last one before is shown'
                       if behind else f'The results cover the first {self.duration:.2f} s'))

    def _compare_with_promise(self) -> None:
        """Warns of a file that ends before its header says so: cut off while it was downloaded or copied."""
        promised = self._index.promised
        if self.broken_from is None and promised - self.duration > max(3 / self.fps, 0.02 * promised):
            self.broken_from = self.duration
            self._log(f'{self.path} is cut off or damaged from second {self.duration:.2f} on; its header promises '
                      f'{promised:.2f} s. The results cover what can be read')

    def _log(self, message: str) -> None:
        if self._warn:
            print_log(message, logger='current', level=logging.WARNING)

    def __repr__(self) -> str:
        rate = f'{self.fps:.2f} fps' + (' (variable)' if self.variable_rate else '')
        return (f'{self.__class__.__name__}({self.path}: {self.width}x{self.height}, {rate}, {self.duration:.2f} s)')


def lost_frames(promised: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Which frames of a file's index are not among those that can be decoded.

    Args:
        promised (np.ndarray): (n,) start times of all frames, ascending, seconds.
        times (np.ndarray): (m,) start times of the decodable ones, ascending, m > 0.

    Returns:
        np.ndarray: Indices of the n frames from which the nearest decodable one is further than half a usual interval.
    """
    after = np.searchsorted(times, promised).clip(1, max(len(times) - 1, 1))
    nearest = np.minimum(abs(promised - times[after - 1]), abs(promised - times[np.minimum(after, len(times) - 1)]))
    usual = np.median(np.diff(promised)) if len(promised) > 1 else 1.0
    return np.flatnonzero(nearest > 0.5 * usual + 0.002)
