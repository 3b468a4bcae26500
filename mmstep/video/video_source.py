"""A video file as pictures at given times, whatever its container, frame rate and state."""
import logging
import os.path as osp
import re
from typing import List, Optional, Sequence, Union

import numpy as np
from mmengine.logging import print_log

from mmstep.errors import VideoError
from .frame_index import (DecodeError, FrameIndex, FrameReader, frame_rate, index_with_decord, index_with_opencv,
                          promised_seconds)
from .frame_times import frames_shown_at


class VideoSource:
    """A video file.

    What decord or OpenCV opens is read; the log says so where decord cannot, for then opening takes a pass over the
    whole file. The frame of a time is the one *shown* then, by the rule of :class:`SampleTubeWindow`, for constant and
    variable frame rates. Times count from the first frame. Pictures come upright, as the rotation that phones store
    tells.

    A file that is damaged from some frame on is read up to there. :attr:`duration` shrinks when the damage is met, a
    warning names file and second, and :attr:`broken_from` keeps it.

    Only the frames of the last call are kept in memory.

    Args:
        path (str): The file.
        warn (bool): Whether to log how the file is opened and what is broken; False for a second reader of the same
            file.

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
        _check_file(path)
        self.path = path
        self.broken_from: Optional[float] = None
        self._warn = warn
        self._kept = {}
        self._use(self._list_frames())
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

    def _use(self, index: FrameIndex) -> None:
        self._index = index
        self._reader = FrameReader(self.path, index)
        self.times = index.times

    def _list_frames(self) -> FrameIndex:
        try:
            index = index_with_decord(self.path)
            FrameReader(self.path, index)
            return index
        except ValueError as error:
            reason = _plain_reason(str(error))
        try:
            index = index_with_opencv(self.path)
        except ValueError as error:
            raise VideoError(
                f'{self.path} is not a video that can be read: it is another kind of file (sound only, text ...), or '
                f'damaged or cut off at the start or, for .mp4, at the end. {error}; decord: {reason}. '
                f'Get the file again, or try: ffmpeg -i {self.path} -c:v libx264 -an repaired.mp4') from None
        self._log(f'{self.path}: listed with OpenCV, for decord cannot ({reason})', logging.INFO)
        return index

    def _give_up_from(self, number: int) -> None:
        """Goes on with what can be read although frame ``number`` of the index is not where it should be."""
        promised = self.times
        if self._index.decoded:
            self.times = promised[:number]
        else:
            try:
                self._use(index_with_opencv(self.path))
            except ValueError:
                self.times = promised[:0]
        if len(self.times) == 0:
            raise VideoError(f'{self.path}: not one frame can be decoded, the file is damaged. Get it again')
        lost = lost_frames(promised, self.times)
        if len(lost):
            self.broken_from = float(promised[lost[0]])
            self._log(
                f'{self.path} is damaged from second {self.broken_from:.2f} on: {len(lost)} of {len(promised)} frames '
                f'are lost. The results cover the first {self.duration:.2f} s', logging.WARNING)

    def _compare_with_promise(self) -> None:
        """Warns of a file that ends before its header says so: cut off while it was downloaded or copied."""
        promised = promised_seconds(self.path)
        if self.broken_from is None and promised - self.duration > max(3 / self.fps, 0.02 * promised):
            self.broken_from = self.duration
            self._log(
                f'{self.path} is cut off or damaged from second {self.duration:.2f} on; its header promises '
                f'{promised:.2f} s. The results cover what can be read', logging.WARNING)

    def _log(self, message: str, level: int) -> None:
        if self._warn:
            print_log(message, logger='current', level=level)

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


def _plain_reason(message: str) -> str:
    """What decord says, without the time, the line of its source and the file's name that it puts before it."""
    said = message.split('(decord: ')[-1].rstrip(')')
    return re.sub(r'^\[[\d:]+\] \S+:\d+: (\[.*\] )?', '', said)


def _check_file(path: str) -> None:
    if osp.isdir(path):
        raise VideoError(f'{path} is a folder, not a video file')
    if not osp.isfile(path):
        raise VideoError(f'the video {path} does not exist')
    if osp.getsize(path) == 0:
        raise VideoError(f'{path} is empty (0 bytes): its download or copy was broken off. Get it again')
