"""Batching of windows with optical flow."""
from typing import Dict, List, Optional, Sequence, Tuple

import torch
from mmaction.models.data_preprocessors import ActionDataPreprocessor
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from torch import Tensor

from .window_preprocessor import WindowPreprocessor


@MODELS.register_module()
class TwoStreamPreprocessor(ActionDataPreprocessor):
    """Stacks optical flow, and RGB before it for early fusion (section 3.5).

    "5 consecutive optical flow maps are stacked as a whole" (section 4.1): the channels of frame t are x and y of the
    flow of frames t, t + 1, ... Stacking is done here, after the window has gone to the device, since each map is part
    of five stacks.

    Args:
        num_flows (int): Maps of a stack. Defaults to 5.
        flow_scale (float): Displacements are divided by it; pixels of the network input.
        mean (Sequence[float], optional): Mean of R, G and B in 0..255. Needed if windows have RGB.
        std (Sequence[float], optional): Their standard deviation.

    Raises:
        ValueError: If one of mean and std is given alone.
    """

    def __init__(self,
                 num_flows: int = 5,
                 flow_scale: float = 20.,
                 mean: Optional[Sequence[float]] = None,
                 std: Optional[Sequence[float]] = None) -> None:
        super().__init__(format_shape='NCTHW')
        self.num_flows = num_flows
        self.flow_scale = flow_scale
        if (mean is None) != (std is None):
            raise ValueError('mean and std of TwoStreamPreprocessor are given both or not at all')
        self.rgb = None if mean is None or std is None else WindowPreprocessor(mean, std)

    def preprocess(self,
                   inputs: Dict[str, List[Tensor]],
                   data_samples: SampleList,
                   training: bool = False) -> Tuple[Tensor, SampleList]:
        """Makes a batch.

        Args:
            inputs (dict): ``flows``: windows (2, F + num_flows - 1, H, W) float16 in pixels, and with RGB ``imgs``:
                windows (3, F, H, W) uint8.
            data_samples (list): Handed on.
            training (bool): Not used: there is no augmentation here.

        Returns:
            tuple[Tensor, list]: Batch (B, C, F, H, W) float32, channels last in memory, C = 2 * num_flows, or 3 more
            with RGB first; and the data samples.

        Raises:
            ValueError: If the windows differ in size, or have no flow.
        """
        if not isinstance(inputs, dict) or 'flows' not in inputs:
            raise ValueError('TwoStreamPreprocessor found no optical flow in the windows; add FlowFramesDecode to the '
                             'pipeline and num_flows to SampleClipWindow')
        sizes = {tuple(flow.shape) for flow in inputs['flows']}
        if len(sizes) > 1:
            raise ValueError(f'the windows of a batch have the sizes {sorted(sizes)}; end the pipeline with '
                             'TubeResize(keep_ratio=False)')
        flows = stack_flows(torch.stack(list(inputs['flows'])), self.num_flows).float().div_(self.flow_scale)
        parts = [flows]
        if self.rgb is not None:
            parts.insert(0, self.rgb.preprocess(inputs['imgs'], data_samples)[0])
        batch = torch.cat(parts, dim=1) if len(parts) > 1 else flows
        return batch.contiguous(memory_format=torch.channels_last_3d), data_samples


def stack_flows(flows: Tensor, num_flows: int) -> Tensor:
    """Stacks consecutive flow maps.

    Args:
        flows (Tensor): (B, 2, F + num_flows - 1, H, W).
        num_flows (int): Maps of a stack.

    Returns:
        Tensor: (B, 2 * num_flows, F, H, W): x_t, y_t, x_t+1, y_t+1, ...
    """
    windows = flows.unfold(2, num_flows, 1)  # (B, 2, F, H, W, num_flows)
    return windows.permute(0, 5, 1, 2, 3, 4).flatten(1, 2)
