"""Initial tubes whose boxes are parameters of the model."""
from typing import Optional, Tuple

import torch
from mmaction.registry import TASK_UTILS
from mmaction.utils import ConfigType
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmstep.structures import repair_tubes
from .prior_generators import SharedTubeGenerator


@TASK_UTILS.register_module()
class LearnedTubes(SharedTubeGenerator, BaseModule):
    """Boxes that start as a grid and are trained with the model; replicated over the frames.

    Not of the paper, whose grid is fixed (section 3.1); the idea is that of Sparse R-CNN's proposals. It is here for
    the study ``components``, in which it did as well as the grid and not better; no config uses it. The localisation
    loss of the first step (equation 3) pulls each box to the people that it is sampled for. Later steps start from an
    inference pass without gradients. Weight decay would pull the boxes into the upper left corner: set
    ``paramwise_cfg=dict(custom_keys={'prior_generator': dict(decay_mult=0)})``.

    Args:
        start (dict): Config of a :class:`TubeGridGenerator`: number and first place of the boxes.
        init_cfg (dict, optional): Initialisation config.

    Attributes:
        boxes (nn.Parameter): x1, y1, x2, y2 as shares of the frame, shape (M, 4).

    Examples:
        >>> tubes = LearnedTubes(dict(type='TubeGridGenerator', scales=(1, 2), overlaps=(0, 1 / 2)))
        >>> tubes(1, 3, (128, 128), torch.device('cpu'))[0].shape
        torch.Size([10, 3, 4])
    """

    def __init__(self, start: ConfigType, init_cfg: Optional[dict] = None) -> None:
        super().__init__(init_cfg=init_cfg)
        self.boxes = nn.Parameter(TASK_UTILS.build(start).boxes.clone())

    def place(self, img_shape: Tuple[int, int], device: torch.device) -> Tensor:
        """See :class:`SharedTubeGenerator`; inside the frame, on the device of the model."""
        height, width = img_shape
        return repair_tubes(self.boxes * self.boxes.new_tensor([width, height, width, height]), img_shape)
