"""A video read by OpenCV, for windows of a data set."""
from typing import List, Optional, Sequence

import cv2
import numpy as np

from mmstep.errors import VideoError
from .frame_reader import SHORT_WAY, DecodeError
from .pyav_video import INDICES


class OpenCVVideo:
    """A video of which windows are read, with the interface of :class:`PyAVVideo`.

    OpenCV arrives at other frames than those sought in some containers (.ts); a frame is known by its time, so that a
    wrong one is never taken for it: the file is then read from its beginning.

    Args:
        path (str): The file. It is read through for its frame times, once a process.

    Attributes:
        start_times (np.ndarray): (n,) seconds at which the frames start, from the first one on, ascending.

    Raises:
        VideoError: If the file cannot be opened by OpenCV, or its times do not tell its frames apart.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        index = INDICES.get(path)
        self.start_times = index.times
        self._keys = index.keys
        # Half of the shortest frame: nearer than that is the same frame.
        self._slack = float(np.diff(index.times).min()) / 2 if len(index.times) > 1 else 0.02
        self._nominal_fps = index.nominal_fps
        self._open()
        if index.stamps is None or not self._grab(0):
            raise VideoError(f'{path} is not a video that OpenCV can read by frame times')

    def _open(self) -> None:
        self._capture = cv2.VideoCapture(self._path, cv2.CAP_FFMPEG, (cv2.CAP_PROP_N_THREADS, 1))
        self._next = 0

    def __len__(self) -> int:
        return len(self.start_times)

    def get_avg_fps(self) -> float:
        """Frames a second, as the frame times say; of a single frame as the file says."""
        return (len(self) - 1) / float(self.start_times[-1]) if len(self) > 1 else self._nominal_fps

    def frames(self, frame_inds: Sequence[int]) -> List[np.ndarray]:
        """Reads frames; those between are decoded and not converted.

        Args:
            frame_inds (Sequence[int]): Numbers 0..n-1, ascending, repetitions allowed.

        Returns:
            list[np.ndarray]: (H, W, 3) uint8, RGB; each for the caller to write to.

        Raises:
            DecodeError: If one of them cannot be decoded.
        """
        pictures: List[np.ndarray] = []
        before: Optional[int] = None
        for index in frame_inds:
            if index == before:
                pictures.append(pictures[-1].copy())
                continue
            if not self._go_to(index):
                raise DecodeError(index)
            whole, picture = self._capture.retrieve()
            if not whole:
                raise DecodeError(index)
            pictures.append(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
            before = index
        return pictures

    def forget_pictures(self) -> None:
        """Keeps none."""

    def _go_to(self, number: int) -> bool:
        """Grabs a frame: on from the last one, from a key frame, or from the beginning."""
        if not 0 <= number < len(self):
            return False
        at = int(np.searchsorted(self._keys, number, side='right')) - 1
        near = at < 0 or self._keys[at] <= self._next + SHORT_WAY
        if self._next <= number and near and self._grab(number):
            return True
        if at > 0:
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, number)
            self._next = number
            if self._grab(number):
                return True
        self._capture.release()
        self._open()
        return self._grab(number)

    def _grab(self, number: int) -> bool:
        """Goes on to a frame; False if it does not come as the one that it should be."""
        while self._next <= number:
            if not self._capture.grab():
                return False
            self._next += 1
        time = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return abs(time - self.start_times[number]) < self._slack
