"""From the pictures of a video to the model's input, each picture on its own so that windows may share it."""
from typing import List

import numpy as np
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from torch import Tensor

from ..config_reading import split_preparation


class FramePreparation:
    """What a config's test pipeline does after decoding, cut in two: to each frame, and to the frames of a window.

    Args:
        cfg (Config): The config.

    Raises:
        LaunchError: See :func:`split_preparation`.
    """

    def __init__(self, cfg: Config) -> None:
        self._each, self._packing = split_preparation(cfg)

    def prepare(self, picture: np.ndarray) -> np.ndarray:
        """Prepares a frame.

        Args:
            picture (np.ndarray): (H, W, 3) uint8, RGB; not written to and not kept.

        Returns:
            np.ndarray: (h, w, 3) uint8.
        """
        shape = picture.shape[:2]
        results = dict(imgs=[picture], img_shape=shape, original_shape=shape, modality='RGB', num_clips=1, clip_len=1)
        frame = self._each(results)['imgs'][0]
        # The caller may use its array again.
        return frame.copy() if np.shares_memory(frame, picture) else frame

    def pack(self, frames: List[np.ndarray]) -> Tensor:
        """Stacks consecutive frames.

        Args:
            frames (list[np.ndarray]): n prepared frames (h, w, 3).

        Returns:
            Tensor: (3, n, h, w) uint8.
        """
        shape = frames[0].shape[:2]
        results = dict(
            imgs=frames, img_shape=shape, original_shape=shape, modality='RGB', num_clips=1, clip_len=len(frames))
        return self._packing(results)['inputs']

    @staticmethod
    def sample(frame: np.ndarray) -> ActionDataSample:
        """A data sample for a window.

        Args:
            frame (np.ndarray): (h, w, 3) one of its prepared frames.

        Returns:
            ActionDataSample: With ``img_shape``.
        """
        return ActionDataSample(metainfo=dict(img_shape=frame.shape[:2]))
