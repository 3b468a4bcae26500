"""Batching and normalisation of windows."""
from typing import List, Sequence, Tuple

import torch
from mmaction.models.data_preprocessors import ActionDataPreprocessor
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from torch import Tensor


@MODELS.register_module()
class WindowPreprocessor(ActionDataPreprocessor):
    """Stacks and normalises windows without a needless copy.

    Gives what :class:`ActionDataPreprocessor` gives with ``NCTHW``. But the windows of a batch are all of one size, so
    nothing is padded; the channels go last while the pixels are still bytes, which costs nothing where the transforms
    left them so; and mean and standard deviation are applied in place, to whole lines of pixels.

    Args:
        mean (Sequence[float]): Mean of each channel, in 0..255.
        std (Sequence[float]): Standard deviation of each channel.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__(mean=mean, std=std, format_shape='NCTHW')

    def preprocess(self,
                   inputs: List[Tensor],
                   data_samples: SampleList,
                   training: bool = False) -> Tuple[Tensor, SampleList]:
        """Makes a batch.

        Args:
            inputs (list[Tensor]): Windows, uint8, each (C, T, H, W).
            data_samples (list): Handed on.
            training (bool): Not used: there is no augmentation here.

        Returns:
            tuple[Tensor, list]: Batch (B, C, T, H, W), float32 and channels last in memory, and the data samples.

        Raises:
            ValueError: If the windows differ in size.
        """
        sizes = {tuple(window.shape) for window in inputs}
        if len(sizes) > 1:
            raise ValueError(f'the windows of a batch have the sizes {sorted(sizes)}; end '
                             'the pipeline with Resize(keep_ratio=False)')
        batch = torch.stack([window.permute(1, 2, 3, 0) for window in inputs]).float()
        # A line is W * C numbers in a row: broadcast over the channels alone, it would go three numbers at a time.
        lines, width = batch.flatten(-2), batch.shape[-2]
        lines.sub_(self.mean.flatten().repeat(width)).div_(self.std.flatten().repeat(width))
        return batch.permute(0, 4, 1, 2, 3), data_samples
