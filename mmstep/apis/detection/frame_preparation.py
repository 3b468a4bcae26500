"""From the pictures of a video to the model's input, each picture on its own so that windows may share it."""
from typing import Any, Optional, Sequence, Tuple

import cv2
import numpy as np
from mmaction.structures import ActionDataSample
from mmengine.config import Config

from mmstep.datasets.flow_files import stored_flow
from mmstep.datasets.optical_flow import Estimator, build_flow
from ..config_reading import split_preparation
from ..flow_settings import FlowSettings, flow_settings


class FramePreparation:
    """What a config's test pipeline does after decoding, cut in two: to each frame, and to the frames of a window.

    With optical flow it also makes the flow between two frames, as ``tools/data/extract_flow.py`` and
    ``FlowFramesDecode`` do with a file.

    Args:
        cfg (Config): The config.

    Attributes:
        flow (FlowSettings or None): How the flow is made; None for a model of pictures alone.

    Raises:
        LaunchError: See :func:`split_preparation` and :func:`flow_settings`; or if the method of the flow is not
            available here.
    """

    def __init__(self, cfg: Config) -> None:
        self._each, self._packing = split_preparation(cfg)
        self.flow: Optional[FlowSettings] = flow_settings(cfg)
        self._estimate: Optional[Estimator] = None if self.flow is None else build_flow(self.flow.method)

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

    @staticmethod
    def grey(picture: np.ndarray) -> np.ndarray:
        """What flow is made of: (H, W) uint8 of a picture (H, W, 3) uint8, RGB, which is not kept."""
        return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)

    def make_flow(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Makes and prepares the flow from one frame to the next; to be called by one thread at a time.

        Args:
            first (np.ndarray): (H, W) uint8, from :meth:`grey`.
            second (np.ndarray): Likewise, of the same size.

        Returns:
            np.ndarray: (h, w, 2) float16, in pixels of the network input. It went through the JPEGs in which training
            reads it: their small errors belong to what the model knows.
        """
        assert self.flow is not None and self._estimate is not None  # it is a model with flow
        flow = stored_flow(self._estimate(first, second), self.flow.range, self.flow.quality)
        results = dict(flows=[flow], img_shape=first.shape, original_shape=first.shape, modality='Flow')
        return self._each(results)['flows'][0].astype(np.float16)

    def pack(self, frames: Sequence[np.ndarray], flows: Sequence[np.ndarray] = ()) -> Any:
        """Stacks consecutive frames.

        Args:
            frames (Sequence[np.ndarray]): n prepared frames (h, w, 3); none for a model that sees flow alone.
            flows (Sequence[np.ndarray]): For a model with flow n + num_flows - 1 maps (h, w, 2), see
                :meth:`make_flow`, the first one that of the first frame.

        Returns:
            Tensor or dict[str, Tensor]: (3, n, h, w) uint8; with flow ``inputs`` of :class:`PackTubeInputs`.
        """
        shape = (*frames, *flows)[0].shape[:2]
        results: dict = dict(img_shape=shape, original_shape=shape)
        if len(flows):
            results.update(flows=list(flows), modality='Flow')
        if len(frames):
            results.update(imgs=list(frames), modality='RGB', num_clips=1, clip_len=len(frames))
        return self._packing(results)['inputs']

    @staticmethod
    def sample(img_shape: Tuple[int, int]) -> ActionDataSample:
        """A data sample for a window.

        Args:
            img_shape (tuple[int, int]): Height and width of its prepared frames.

        Returns:
            ActionDataSample: With ``img_shape``.
        """
        return ActionDataSample(metainfo=dict(img_shape=img_shape))
