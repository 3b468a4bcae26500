"""A folder of numbered pictures, with the interface of a video file."""
import os
import os.path as osp
import re
from typing import Dict, List, Optional, Sequence, Set, Union

import cv2
import numpy as np

from mmstep.errors import VideoError
from .frame_times import frames_shown_at
from .reading.container import PICTURE_EXTENSIONS


def list_pictures(folder: str) -> List[str]:
    """The pictures of a folder in the order of the last number in their names; hidden files are left out.

    Args:
        folder (str): The folder.

    Returns:
        list[str]: Their names.

    Raises:
        VideoError: If the folder cannot be read.
    """
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise VideoError(f'the folder {folder} cannot be read: {error.strerror}') from error
    pictures = [name for name in names if name.lower().endswith(PICTURE_EXTENSIONS) and not name.startswith('.')]
    return sorted(pictures, key=lambda name: (_number(name), name))


class PictureFolder:
    """A video whose frames are pictures in a folder, such as ``img_00001.jpg``, with the interface of
    :class:`VideoSource`. They are read when they are asked for; those of the last call are kept.

    Args:
        path (str): The folder.
        fps (float, optional): Frames a second, which pictures do not tell: it has to be given.

    Attributes:
        path (str): The folder.
        width, height (int): Size of the pictures in pixels.
        fps (float): Frames a second.
        times (np.ndarray): (T,) start times of the frames, seconds.
        broken_from (None): There is no header that tells of more frames.

    Raises:
        VideoError: If there are no pictures, those of several videos, or ``fps`` is missing.
    """

    def __init__(self, path: str, fps: Optional[float] = None) -> None:
        self.path = path
        self._names = list_pictures(path)
        if not self._names:
            raise VideoError(f'{path} is a folder without pictures ({", ".join(PICTURE_EXTENSIONS)}), not a video')
        if fps is None or not 0 < fps <= 1000:
            raise VideoError(f'{path} is a folder of {len(self._names)} pictures, taken for one video: give fps=, '
                             f'their number a second; got {fps}')
        kinds: Set[str] = {re.sub(r'\d+(?=\D*$)', '#', name) for name in self._names}
        if len(kinds) > 1 and len(self._names) > 1:
            raise VideoError(f'{path} holds pictures of several videos ({", ".join(sorted(kinds)[:3])}): give each a '
                             'folder of its own')
        self.fps = float(fps)
        self.times = np.arange(len(self._names)) / self.fps
        self.broken_from: Optional[float] = None
        self._kept: Dict[int, np.ndarray] = {}
        self.height, self.width = self._read(0).shape[:2]

    @property
    def duration(self) -> float:
        """float: Seconds from the first frame's start to the last one's end."""
        return len(self._names) / self.fps

    def frames_at(self, times: Union[Sequence[float], np.ndarray]) -> List[np.ndarray]:
        """The pictures on the screen at some times, see :meth:`VideoSource.frames_at`."""
        indices = frames_shown_at(np.asarray(times, dtype=np.float64), self.times).tolist()
        before = self._kept  # once: detection reads in a thread of its own
        kept = {index: before[index] if index in before else self._read(index) for index in set(indices)}
        self._kept = kept
        return [kept[index] for index in indices]

    def _read(self, index: int) -> np.ndarray:
        path = osp.join(self.path, self._names[index])
        try:
            content = np.fromfile(path, np.uint8)  # OpenCV itself takes no name that is not UTF-8
        except OSError as error:
            raise VideoError(f'the picture {path} cannot be read: {error.strerror}') from error
        picture = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
        if picture is None:
            raise VideoError(f'the picture {path} is damaged, or another kind of file')
        if index and picture.shape[:2] != (self.height, self.width):
            raise VideoError(f'the picture {path} has {picture.shape[1]}x{picture.shape[0]} pixels, those before '
                             f'{self.width}x{self.height}: all pictures of a video are of one size')
        return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)

    def __repr__(self) -> str:
        return f'{self.__class__.__name__}({self.path}: {self.width}x{self.height}, {self.fps:.2f} fps, ' \
               f'{self.duration:.2f} s)'


def _number(name: str) -> int:
    numbers = re.findall(r'\d+', osp.splitext(name)[0])
    return int(numbers[-1]) if numbers else -1
