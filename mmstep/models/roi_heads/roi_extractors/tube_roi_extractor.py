"""RoI features along tubes."""
import torch
from mmaction.registry import MODELS
from mmcv.ops import RoIAlign, RoIPool
from mmengine.model import BaseModule
from torch import Tensor

from mmstep.structures import middle_slice

_LAYERS = {'RoIAlign': RoIAlign, 'RoIPool': RoIPool}


@MODELS.register_module()
class TubeRoIExtractor(BaseModule):
    """Extracts one RoI per tube and feature frame in a single call.

    "Given the frame-level convolutional features and the tubelet proposals for the current step, we first extract
    regional features through an ROI pooling" (section 3.2).

    Args:
        roi_layer (dict): ``type``: 'RoIAlign' or 'RoIPool' of mmcv.ops (the latter has no CPU kernel); the rest are
            its arguments. ``output_size`` is required.
        featmap_stride (int): Pixels of the input per cell of the map.

    Raises:
        ValueError: If the type of ``roi_layer`` is unknown.
    """

    def __init__(self,
                 roi_layer: dict = dict(type='RoIAlign', output_size=7, sampling_ratio=0, aligned=False),
                 featmap_stride: int = 16) -> None:
        super().__init__()
        args = dict(roi_layer)
        kind = args.pop('type')
        if kind not in _LAYERS:
            raise ValueError(f'roi_layer type {kind!r} is unknown; choose '
                             f'{" or ".join(_LAYERS)}')
        self.roi_layer = _LAYERS[kind](spatial_scale=1 / featmap_stride, **args)

    def forward(self, maps: Tensor, tubes: Tensor, batch_inds: Tensor) -> Tensor:
        """Extracts features.

        Args:
            maps (Tensor): Feature maps, time before channels, contiguous, shape (B, T, C, h, w).
            tubes (Tensor): Boxes in pixels of the input, shape (N, T_s, 4); they lie on the centre T_s of the T
                feature frames.
            batch_inds (Tensor): Index in the batch of each tube, shape (N,).

        Returns:
            Tensor: Shape (N, T_s, C, s, s) with s = ``output_size``.

        Raises:
            RuntimeError: If RoIPool is asked for on the CPU.
        """
        if isinstance(self.roi_layer, RoIPool) and not maps.is_cuda:
            raise RuntimeError("mmcv's RoIPool has no CPU kernel: use roi_layer=dict("
                               "type='RoIAlign', ...), or a CUDA device")
        num_feats = maps.shape[1]
        middle = middle_slice(num_feats, tubes.shape[1])
        time = torch.arange(middle.start, middle.stop, device=tubes.device)
        inds = batch_inds[:, None] * num_feats + time
        rois = torch.cat([inds[..., None].to(tubes.dtype), tubes], dim=-1)
        feats = self.roi_layer(maps.flatten(0, 1), rois.reshape(-1, 5).to(maps.dtype))
        return feats.unflatten(0, tubes.shape[:2])
