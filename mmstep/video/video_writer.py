"""Writing of videos."""
import os
import os.path as osp
from typing import Tuple

import cv2
import numpy as np

from mmstep.errors import VideoError

# What every OpenCV can write: MPEG-4 part 2 for players, VP8 for browsers, which do not play the other.
CODECS = {'.mp4': 'mp4v', '.webm': 'VP80'}


class VideoWriter:
    """Writes an .mp4 or a .webm under a temporary name, and gives it its own name at the end.

    As a context manager it does so also when the work in it is broken off, so that what was written stays and can be
    played. The codec wants even sizes: of an odd width or height the last column or row is left out.

    Args:
        path (str): The file, ending with .mp4 or .webm; an existing one is replaced at the end.
        fps (float): Frames a second.
        size (tuple[int, int]): Width and height in pixels, at least 2.

    Raises:
        VideoError: If the file cannot be written.
    """

    def __init__(self, path: str, fps: float, size: Tuple[int, int]) -> None:
        stem, extension = osp.splitext(path)
        codec = CODECS.get(extension.lower())
        if codec is None:
            raise VideoError(f'{path}: the video that is written is an .mp4 or a .webm, the name has to end so')
        self.path = path
        self._part = f'{stem}.part{extension}'
        os.makedirs(osp.dirname(osp.abspath(path)), exist_ok=True)
        self._writer = cv2.VideoWriter(self._part, cv2.VideoWriter_fourcc(*codec), fps, size)
        if not self._writer.isOpened():
            raise VideoError(f'OpenCV cannot write {path} ({size[0]}x{size[1]}, {fps:.2f} fps, codec {codec}). Is the '
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
