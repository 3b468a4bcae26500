"""A folder of numbered pictures, for windows of a data set."""
import os.path as osp
import re
from typing import List, Optional, Sequence

import cv2
import numpy as np

from mmstep.errors import VideoError
from ..picture_folder import list_pictures
from .frame_reader import DecodeError


class PictureVideo:
    """A video whose frames are pictures in a folder, with the interface of :class:`PyAVVideo`.

    Args:
        path (str): The folder; its pictures are numbered without a gap, from any number on.
        fps (float, optional): Frames a second. Defaults to 25, for those who take frames by their number alone.

    Attributes:
        start_times (np.ndarray): (n,) seconds at which the frames start, from the first one on.

    Raises:
        VideoError: If there is no picture, or one is missing in between.
    """

    def __init__(self, path: str, fps: Optional[float] = None) -> None:
        self._path = path
        self._fps = float(fps or 25)
        self._names = list_pictures(path)
        if not self._names:
            raise VideoError(f'{path} is a folder without pictures, not a video')
        digits = [re.findall(r'\d+', osp.splitext(name)[0]) for name in self._names]
        numbers = [int(found[-1]) for found in digits if found]
        if not numbers or numbers != list(range(numbers[0], numbers[0] + len(self._names))):
            raise VideoError(f'{path}: its {len(self._names)} pictures are not numbered one after the other, from '
                             f'{self._names[0]} to {self._names[-1]}. Extract the frames again')
        self.start_times = np.arange(len(self._names)) / self._fps

    def __len__(self) -> int:
        return len(self._names)

    def get_avg_fps(self) -> float:
        """Frames a second."""
        return self._fps

    def frames(self, frame_inds: Sequence[int]) -> List[np.ndarray]:
        """Reads frames.

        Args:
            frame_inds (Sequence[int]): Numbers 0..n-1, ascending, repetitions allowed.

        Returns:
            list[np.ndarray]: (H, W, 3) uint8, RGB; each for the caller to write to.

        Raises:
            DecodeError: If one of them cannot be read.
        """
        pictures: List[np.ndarray] = []
        last = -1
        for index in frame_inds:
            pictures.append(pictures[-1].copy() if index == last else self._read(index))
            last = index
        return pictures

    def _read(self, index: int) -> np.ndarray:
        content = np.fromfile(osp.join(self._path, self._names[index]), np.uint8)
        picture = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
        if picture is None:
            raise DecodeError(index)
        return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
