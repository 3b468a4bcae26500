"""Writing of .mp4 files."""
import os
import os.path as osp
from typing import Tuple

import cv2
import numpy as np

from .errors import VideoError


class VideoWriter:
    """Writes an .mp4 (MPEG-4 part 2, the codec that every OpenCV has) under a temporary name, and gives it its own
    name at the end.

    As a context manager it does so also when the work in it is broken off, so that what was written stays and can be
    played. The codec wants even sizes: of an odd width or height the last column or row is left out.

    Args:
        path (str): The file, ending with .mp4; an existing one is replaced at the end.
        fps (float): Frames a second.
        size (tuple[int, int]): Width and height in pixels, at least 2.

    Raises:
        VideoError: If the file cannot be written.
    """

    def __init__(self, path: str, fps: float, size: Tuple[int, int]) -> None:
        if osp.splitext(path)[1].lower() != '.mp4':
            raise VideoError(f'{path}: the video that is written is an .mp4, the name has to end so')
        self.path = path
        self._part = f'{path[:-4]}.part.mp4'
        os.makedirs(osp.dirname(osp.abspath(path)), exist_ok=True)
        self._writer = cv2.VideoWriter(self._part, cv2.VideoWriter_fourcc(*'mp4v'), fps, size)
        if not self._writer.isOpened():
            raise VideoError(f'OpenCV cannot write {path} ({size[0]}x{size[1]}, {fps:.2f} fps, codec mp4v). Is the '
                             'folder writable, and does cv2.getBuildInformation() say "FFMPEG: YES"?')
        self.count = 0

    def write(self, frame: np.ndarray) -> None:
        """Appends a frame.

        Args:
            frame (np.ndarray): (H, W, 3) uint8, RGB.
        """
        self._writer.write(np.ascontiguousarray(frame[..., ::-1]))
        self.count += 1

    def close(self) -> None:
        """Ends the file and gives it its name; without a frame there is none.

        Raises:
            VideoError: If nothing arrived on the disk.
        """
        self._writer.release()
        if not self.count:
            if osp.exists(self._part):
                os.remove(self._part)
        elif not osp.isfile(self._part) or not osp.getsize(self._part):
            raise VideoError(f'{self.path} could not be written: is the disk full?')
        else:
            os.replace(self._part, self.path)

    def __enter__(self) -> 'VideoWriter':
        return self

    def __exit__(self, *_) -> None:
        self.close()
