"""Initial tubes whose boxes are parameters of the model."""
from typing import List, Optional, Tuple

import torch
from mmaction.registry import TASK_UTILS
from mmaction.utils import ConfigType, SampleList
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmstep.structures import repair_tubes
from .prior_generators import BaseTubeGenerator


@TASK_UTILS.register_module()
class LearnedTubes(BaseModule, BaseTubeGenerator):
    """Boxes that start as a grid and are trained with the model; replicated over the frames.

    Not of the paper, whose grid is fixed (section 3.1). As the proposals of Sparse R-CNN: the localisation loss of the
    first step (equation 3) pulls each box to the people that it is sampled for. Steps after it take boxes of an
    inference pass, through which no gradient goes. Weight decay would pull the boxes into a corner: set
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

    @property
    def num_tubes(self) -> int:
        """Number of initial tubes of a window."""
        return len(self.boxes)

    def forward(self,
                num_windows: int,
                num_frames: int,
                img_shape: Tuple[int, int],
                device: torch.device,
                data_samples: Optional[SampleList] = None) -> List[Tensor]:
        """See :class:`BaseTubeGenerator`."""
        return [self._place(num_frames, img_shape)] * num_windows

    def for_batch(self,
                  num_windows: int,
                  num_frames: int,
                  img_shape: Tuple[int, int],
                  device: torch.device,
                  data_samples: Optional[SampleList] = None) -> Tuple[Tensor, Tensor]:
        """See :class:`BaseTubeGenerator`."""
        tubes = self._place(num_frames, img_shape)
        batch_inds = torch.arange(num_windows, device=tubes.device)[:, None].expand(-1, len(tubes))
        return tubes.expand(num_windows, -1, -1, -1).flatten(0, 1), batch_inds.reshape(-1)

    def _place(self, num_frames: int, img_shape: Tuple[int, int]) -> Tensor:
        """In pixels, inside the frame, shape (M, num_frames, 4)."""
        height, width = img_shape
        scale = self.boxes.new_tensor([width, height, width, height])
        tubes = repair_tubes(self.boxes * scale, img_shape)
        return tubes[:, None].expand(-1, num_frames, -1)
