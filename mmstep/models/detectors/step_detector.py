"""STEP detector."""
from typing import Dict, List, Optional, Tuple

import torch
from mmaction.registry import MODELS
from mmaction.utils import ConfigType, SampleList
from mmdet.models.detectors import BaseDetector
from torch import Tensor, nn

from mmstep.structures import add_step_predictions
from ..roi_heads.step_records import StepOutput


@MODELS.register_module()
class STEPDetector(BaseDetector):
    """Spatio-temporal progressive action detector.

    `STEP: Spatio-Temporal Progressive Learning for Video Action Detection <https://arxiv.org/abs/1904.09288>`_. No
    person detector and no region proposals: a backbone makes the features of a window of clips once, and the RoI head
    refines a handful of fixed tubes over a few steps.

    Args:
        backbone (dict): Config of a backbone that maps (B, C, T, H, W) to (B, C', T / r, h, w).
        roi_head (dict): Config of the RoI head; ``num_clips`` and ``clip_features`` are filled in.
        num_clips (int): Clips of a window: the target clip and as many on either side as there are extensions.
            Defaults to 3.
        clip_features (str): 'joint': the backbone sees the whole window at once; 'independent': each clip alone, so
            that a clip's features do not depend on its neighbours. Defaults to 'joint'.
        neck (dict, optional): Config of a neck between the two.
        data_preprocessor (dict, optional): Config of the data preprocessor.
        init_cfg (dict, optional): Initialisation config.

    Raises:
        ValueError: If ``clip_features`` is unknown or ``num_clips`` is even.
    """

    def __init__(self,
                 backbone: ConfigType,
                 roi_head: ConfigType,
                 num_clips: int = 3,
                 clip_features: str = 'joint',
                 neck: Optional[ConfigType] = None,
                 data_preprocessor: Optional[ConfigType] = None,
                 init_cfg: Optional[ConfigType] = None) -> None:
        if isinstance(data_preprocessor, dict):
            # The base class would look in MMEngine's registry, which finds MMAction2's only under a default scope.
            data_preprocessor = MODELS.build(data_preprocessor)
        super().__init__(data_preprocessor=data_preprocessor, init_cfg=init_cfg)
        if clip_features not in ('joint', 'independent'):
            raise ValueError(f"clip_features={clip_features!r} is unknown; choose 'joint' or 'independent'")
        if num_clips < 1 or num_clips % 2 == 0:
            raise ValueError(f'num_clips={num_clips} has to be odd: the target clip and its neighbours')
        self.num_clips = num_clips
        self.clip_features = clip_features
        self.backbone = _channels_last(MODELS.build(backbone))
        # MMAction2's backbones freeze their stages in train(): too late once DistributedDataParallel has wrapped them.
        self.backbone.train()
        if neck is not None:
            self.neck = MODELS.build(neck)
        self.roi_head = MODELS.build(dict(roi_head, num_clips=num_clips, clip_features=clip_features))

    def extract_feat(self, batch_inputs: Tensor) -> Tensor:
        """Features of the windows.

        Args:
            batch_inputs (Tensor): Shape (B, C, num_clips * K, H, W).

        Returns:
            Tensor: Shape (B, C', T, h, w).

        Raises:
            ValueError: If the frames do not divide into clips, or the map's frames do not.
        """
        batch, _, num_frames = batch_inputs.shape[:3]
        if num_frames % self.num_clips:
            raise ValueError(f'the window has {num_frames} frames, which do not divide into '
                             f'num_clips={self.num_clips} clips; check clip_len and num_clips of SampleTubeWindow')
        # Clips go to the batch axis, so that none sees another; a joint window is one long clip.
        clips = self.num_clips if self.clip_features == 'independent' else 1
        x = batch_inputs.unflatten(2, (clips, num_frames // clips))
        x = self.extract_clip_feat(x.transpose(1, 2).flatten(0, 1))
        x = x.unflatten(0, (batch, clips)).transpose(1, 2).flatten(2, 3)
        if x.shape[2] % self.num_clips:
            raise ValueError(f'the backbone makes {x.shape[2]} feature frames of '
                             f'{num_frames} frames, which do not divide into num_clips='
                             f'{self.num_clips} clips; change clip_len or the backbone\'s '
                             'temporal stride')
        return x

    def extract_clip_feat(self, clips: Tensor) -> Tensor:
        """Features of clips that the backbone sees each on its own.

        With ``clip_features='independent'`` those of a window are those of its clips, one after the other in time, so
        that windows may share them: ``torch.cat(feats_of_its_clips, dim=time)`` is what :meth:`predict_from_feat`
        takes.

        Args:
            clips (Tensor): Shape (B, C, K, H, W).

        Returns:
            Tensor: Shape (B, C', K / r, h, w).
        """
        # Channels last in one copy: (B, K, H, W, C) in memory.
        x = clips.permute(0, 2, 3, 4, 1).contiguous()
        x = self.backbone(x.permute(0, 4, 1, 2, 3))
        if self.with_neck:
            x = self.neck(x)
        return x[-1] if isinstance(x, (tuple, list)) else x

    def loss(self, batch_inputs: Tensor, batch_data_samples: SampleList) -> Dict[str, Tensor]:
        """Losses of all steps.

        Args:
            batch_inputs (Tensor): Shape (B, C, num_clips * K, H, W).
            batch_data_samples (list): With ``gt_tubes``.

        Returns:
            dict[str, Tensor]: See :meth:`ProgressiveRoIHead.loss`.
        """
        return self.roi_head.loss(self.extract_feat(batch_inputs), self._img_shape(batch_inputs), batch_data_samples)

    def predict(self, batch_inputs: Tensor, batch_data_samples: SampleList) -> SampleList:
        """Adds detections to the data samples.

        Args:
            batch_inputs (Tensor): Shape (B, C, num_clips * K, H, W).
            batch_data_samples (list): One for each window.

        Returns:
            list[ActionDataSample]: With ``pred_instances`` and, if the RoI head's ``test_cfg.keep_steps``,
            ``pred_instances_step1`` and so on.
        """
        return self.predict_from_feat(
            self.extract_feat(batch_inputs), self._img_shape(batch_inputs), batch_data_samples)

    def predict_from_feat(self, x: Tensor, img_shape: Tuple[int, int], batch_data_samples: SampleList) -> SampleList:
        """Adds detections to the data samples, from features made before.

        Args:
            x (Tensor): Features of the windows, shape (B, C', T, h, w).
            img_shape (tuple[int, int]): Height and width of the network input.
            batch_data_samples (list): One for each window.

        Returns:
            list[ActionDataSample]: See :meth:`predict`.
        """
        steps = self.roi_head.predict(x, img_shape, batch_data_samples)
        for window, sample in enumerate(batch_data_samples):
            add_step_predictions(sample, [results[window] for results in steps])
        return batch_data_samples

    def _forward(self, batch_inputs: Tensor, batch_data_samples: Optional[SampleList] = None) -> List[StepOutput]:
        """Raw output of every step (``mode='tensor'``).

        Args:
            batch_inputs (Tensor): Shape (B, C, num_clips * K, H, W).
            batch_data_samples (list, optional): For prior generators that need it.

        Returns:
            list[StepOutput]: One for each step.
        """
        return self.roi_head(self.extract_feat(batch_inputs), self._img_shape(batch_inputs), batch_data_samples)

    @staticmethod
    def _img_shape(batch_inputs: Tensor) -> Tuple[int, int]:
        """Height and width of the network input."""
        height, width = batch_inputs.shape[-2:]
        return height, width


def _channels_last(module: nn.Module) -> nn.Module:
    """Stores convolution weights channels-last: up to 2x faster on CPU, most for 3D and backward passes."""
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    for parameter in module.parameters():
        if parameter.dim() in formats:
            # A copy even where the order in memory stays: kernels of 1x1 take the strides that their gradients have,
            # which DistributedDataParallel wants.
            stored = torch.empty_like(parameter.data, memory_format=formats[parameter.dim()])
            parameter.data = stored.copy_(parameter.data)
    return module
