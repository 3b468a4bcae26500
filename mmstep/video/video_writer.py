"""Writing of videos."""
import logging
import os.path as osp
from fractions import Fraction
from typing import Optional, Tuple

import av
import numpy as np
from mmengine.logging import print_log

from mmstep.errors import LaunchError, VideoError
from mmstep.utils.atomic_file import AtomicFile, cannot_write
from .encoders import ENCODERS, open_encoder


class VideoWriter:
    """Writes an .mp4 (H.264) or a .webm (VP9), which browsers, phones and editors play, at a constant frame rate.

    The frames go into a file under a temporary name. At the end its frames are counted, and if all are there it gets
    its own name; an older file of that name stays as it is until then, and for good if the disk is full.

    As a context manager it ends the file also when the work in it is broken off, so that what was written stays and
    can be played. What then goes wrong is logged, and the error that broke off the work is the one that is raised.

    H.264 wants even sizes: an odd width or height grows by one pixel, which repeats the last column or row. A .webm
    keeps its size. Where this PyAV has no H.264 encoder an .mp4 is MPEG-4 part 2, and the log says so.

    Args:
        path (str): The file, ending with .mp4 or .webm; an existing one is replaced at the end. Its folder is made.
        fps (float): Frames a second.
        size (tuple[int, int]): Width and height in pixels.

    Attributes:
        path (str): The file.
        count (int): Frames written so far.
        encoder (str): What encodes them, by FFmpeg's name.
        closed (bool): Whether the file has ended, well or not.

    Raises:
        VideoError: If the file cannot be written.
    """

    def __init__(self, path: str, fps: float, size: Tuple[int, int]) -> None:
        extension = osp.splitext(path)[1].lower()
        if extension not in ENCODERS:
            raise VideoError(f'{path}: the video that is written is an .mp4 or a .webm, the name has to end so')
        if min(size) < 1 or not 0 < fps <= 1000:
            raise VideoError(f'{path} cannot be written with {size[0]}x{size[1]} pixels at {fps:g} frames a second')
        self.path = path
        self.count = 0
        self._size = size
        self.closed = False
        try:
            self._file = AtomicFile(path, make_folder=True)
        except LaunchError as error:
            raise VideoError(str(error)) from error
        try:
            self._container, self._stream, encoder = open_encoder(self._file.temporary, extension, fps, size)
        except OSError as error:
            self._file.discard()
            raise VideoError(str(cannot_write(path, error))) from error
        except VideoError as error:
            self._file.discard()
            raise VideoError(f'{path} cannot be written: {error}') from error
        self.encoder = encoder.name
        context = self._stream.codec_context
        self._padding = ((0, context.height - size[1]), (0, context.width - size[0]), (0, 0))
        self._time_base: Fraction = context.time_base

    def write(self, frame: np.ndarray) -> None:
        """Appends a frame.

        Args:
            frame (np.ndarray): (H, W, 3) uint8, RGB.

        Raises:
            VideoError: If it does not fit on the disk.
            ValueError: If it has another size than the video.
        """
        if frame.shape[1::-1] != tuple(self._size):
            raise ValueError(f'{self.path}: a frame of {frame.shape[1]}x{frame.shape[0]} pixels does not go into a '
                             f'video of {self._size[0]}x{self._size[1]}')
        if any(after for _, after in self._padding):
            frame = np.pad(frame, self._padding, mode='edge')
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format='rgb24')
        picture.pts, picture.time_base, picture.duration = self.count, self._time_base, 1
        try:
            self._encode(picture)
        except (av.FFmpegError, OSError) as error:
            raise self._give_up(error) from error
        self.count += 1

    def close(self) -> None:
        """Ends the file and gives it its name; without a frame there is none. A second call does nothing.

        Raises:
            VideoError: If not everything arrived on the disk. An older file is kept then.
        """
        if self.closed:
            return
        self.closed = True
        try:
            if self.count:
                self._encode(None)
            self._container.close()
        except (av.FFmpegError, OSError) as error:
            raise self._give_up(error) from error
        if not self.count:
            self._file.discard()
            return
        there = count_frames(self._file.temporary)
        if there != self.count:
            self._file.discard()
            raise VideoError(f'{self.path} could not be written: {there} of {self.count} frames arrived on the disk. '
                             'Is it full?')
        try:
            self._file.finish()
        except LaunchError as error:
            raise VideoError(str(error)) from error

    def __enter__(self) -> 'VideoWriter':
        return self

    def __exit__(self, kind, error, traceback) -> None:
        if kind is None:
            self.close()
            return
        try:
            self.close()
        except VideoError as second:
            print_log(str(second), logger='current', level=logging.ERROR)

    def _encode(self, picture: Optional[av.VideoFrame]) -> None:
        for packet in self._stream.encode(picture):
            self._container.mux(packet)

    def _give_up(self, error: Exception) -> VideoError:
        """Removes what was written, after an error from which there is no way on."""
        self.closed = True
        try:
            self._container.close()
        except (av.FFmpegError, OSError):
            pass  # it cannot end the file for the same reason
        self._file.discard()
        if isinstance(error, OSError):
            return VideoError(str(cannot_write(self.path, error)))
        return VideoError(f'{self.path} cannot be written: {error}')


def count_frames(path: str) -> int:
    """How many frames of a video file are there in full, without decoding them.

    Args:
        path (str): The file.

    Returns:
        int: Their number; 0 if it is no video.
    """
    try:
        with av.open(path) as container:
            return sum(1 for packet in container.demux(video=0) if packet.size and not packet.is_corrupt)
    except (av.FFmpegError, IndexError):
        return 0
