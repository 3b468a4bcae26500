"""RoI features along tubes."""
import torch
from mmaction.registry import MODELS
from mmcv.ops import RoIAlign, RoIPool
from mmengine.model import BaseModule
from torch import Tensor

from mmstep.structures import middle_slice
from .separable_roi_align import separable_roi_align

_LAYERS = {'RoIAlign': RoIAlign, 'RoIPool': RoIPool}


@MODELS.register_module()
class TubeRoIExtractor(BaseModule):
    """Extracts one RoI per tube and feature frame in a single call.

    "Given the frame-level convolutional features and the tubelet proposals for the current step, we first extract
    regional features through an ROI pooling" (section 3.2).

    On a CPU, and in an exported graph, RoIAlign is computed as matrix products (:func:`separable_roi_align`), which is
    faster there, backward even more; else by mmcv's kernel. They agree up to rounding.

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

    def arrange_maps(self, x: Tensor) -> Tensor:
        """Brings a backbone's map into the form of :meth:`forward`, once for all steps.

        Args:
            x (Tensor): Shape (B, C, T, h, w).

        Returns:
            Tensor: Shape (B, T, C, h, w), in the memory layout that the computation wants.
        """
        if self._separable(x):
            return x.permute(0, 2, 3, 4, 1).contiguous().permute(0, 1, 4, 2, 3)
        # The kernel has no bfloat16.
        return x.transpose(1, 2).float().contiguous()

    def _separable(self, maps: Tensor) -> bool:
        """Whether matrix products take the kernel's place."""
        average = isinstance(self.roi_layer, RoIAlign) and self.roi_layer.pool_mode == 'avg'
        return average and (maps.device.type == 'cpu' or torch.compiler.is_compiling())

    def forward(self, maps: Tensor, tubes: Tensor, batch_inds: Tensor) -> Tensor:
        """Extracts features.

        Args:
            maps (Tensor): Feature maps, time before channels, shape (B, T, C, h, w), as :meth:`arrange_maps` gives
                them.
            tubes (Tensor): Boxes in pixels of the input, shape (N, T_s, 4); they lie on the centre T_s of the T
                feature frames.
            batch_inds (Tensor): Index in the batch of each tube, shape (N,).

        Returns:
            Tensor: Shape (N, T_s, C, s, s) with s = ``output_size``.

        Raises:
            RuntimeError: If RoIPool is asked for on the CPU.
        """
        num_feats = maps.shape[1]
        middle = middle_slice(num_feats, tubes.shape[1])
        if self._separable(maps):
            layer = self.roi_layer
            return separable_roi_align(maps[:, middle], tubes, batch_inds, layer.output_size, layer.spatial_scale,
                                       layer.sampling_ratio, layer.aligned)
        if isinstance(self.roi_layer, RoIPool) and not maps.is_cuda:
            raise RuntimeError("mmcv's RoIPool has no CPU kernel: use roi_layer=dict("
                               "type='RoIAlign', ...), or a CUDA device")
        time = torch.arange(middle.start, middle.stop, device=tubes.device)
        inds = batch_inds[:, None] * num_feats + time
        rois = torch.cat([inds[..., None].to(tubes.dtype), tubes], dim=-1)
        feats = self.roi_layer(maps.flatten(0, 1).contiguous(), rois.reshape(-1, 5).to(maps.dtype))
        return feats.unflatten(0, tubes.shape[:2])
