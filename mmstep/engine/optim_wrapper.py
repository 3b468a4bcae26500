"""Mixed precision in bfloat16, on any device."""
from contextlib import contextmanager

import torch
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.device import get_device
from mmengine.optim import OptimWrapper
from torch import nn


@OPTIM_WRAPPERS.register_module()
class BF16OptimWrapper(OptimWrapper):
    """``OptimWrapper`` whose forward passes run under autocast to bfloat16.

    MMEngine's ``AmpOptimWrapper`` asserts that there is a GPU. bfloat16 has float32's range, needs no loss scaling and
    therefore runs on the CPU as well; weights, gradients and optimizer state stay float32.

    Args:
        **kwargs: Arguments of ``OptimWrapper``.
    """

    @contextmanager
    def optim_context(self, model: nn.Module):
        """Enters autocast for one forward pass.

        Args:
            model (nn.Module): The model that is being trained.
        """
        # MMEngine counts on the device's type, 'cuda' or 'cpu', without an index.
        with super().optim_context(model), torch.autocast(get_device(), dtype=torch.bfloat16):
            yield
