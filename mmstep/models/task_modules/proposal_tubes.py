"""Initial tubes from other people's boxes, and from several sources."""
from typing import List, Optional, Sequence, Tuple

import torch
from mmaction.registry import TASK_UTILS
from mmaction.utils import ConfigType, SampleList
from torch import Tensor


@TASK_UTILS.register_module()
class ProposalTubes:
    """The boxes of a person detector, replicated over the frames.

    For the two-stage way: STEP refines what a detector found at the key frame instead of a grid. The boxes come from
    the data set's ``proposal_file``, in the form of MMAction2's :class:`AVADataset`. A window may have none.
    """

    def __call__(self,
                 num_windows: int,
                 num_frames: int,
                 img_shape: Tuple[int, int],
                 device: torch.device,
                 data_samples: Optional[SampleList] = None) -> List[Tensor]:
        """Makes the initial tubes of a batch.

        Args:
            num_windows (int): Windows in the batch.
            num_frames (int): Feature frames of a tube.
            img_shape (tuple[int, int]): Height and width of the input.
            device (torch.device): Where the tubes are wanted.
            data_samples (list): Data samples with ``proposals``, an InstanceData of ``bboxes`` (n, 4) in pixels.

        Returns:
            list[Tensor]: Per window, shape (n, num_frames, 4), in pixels.

        Raises:
            ValueError: If a data sample has no ``proposals``.
        """
        if data_samples is None or any('proposals' not in sample for sample in data_samples):
            raise ValueError('ProposalTubes needs data samples with proposals: set '
                             'proposal_file of AVAWindowDataset; for detection without a '
                             'person detector use TubeGridGenerator')
        boxes = [s.proposals.bboxes.float().to(device) for s in data_samples]
        return [b[:, None].expand(-1, num_frames, -1) for b in boxes]


@TASK_UTILS.register_module()
class ChainedTubes:
    """The tubes of several generators, one after the other.

    Args:
        generators (Sequence[dict]): Configs of prior generators, at least one.

    Raises:
        ValueError: If there is no generator.

    Examples:
        >>> grid = dict(type='TubeGridGenerator')
        >>> tubes = ChainedTubes([grid, dict(type='TubeGridGenerator', scales=(1, ), overlaps=(0, ))])
        >>> tubes(1, 3, (400, 400), torch.device('cpu'))[0].shape
        torch.Size([35, 3, 4])
    """

    def __init__(self, generators: Sequence[ConfigType]) -> None:
        if not generators:
            raise ValueError('ChainedTubes needs at least one generator')
        self.generators = [TASK_UTILS.build(cfg) for cfg in generators]

    def __call__(self,
                 num_windows: int,
                 num_frames: int,
                 img_shape: Tuple[int, int],
                 device: torch.device,
                 data_samples: Optional[SampleList] = None) -> List[Tensor]:
        """Makes the initial tubes of a batch.

        Args:
            num_windows (int): Windows in the batch.
            num_frames (int): Feature frames of a tube.
            img_shape (tuple[int, int]): Height and width of the input.
            device (torch.device): Where the tubes are wanted.
            data_samples (list, optional): For generators that need it.

        Returns:
            list[Tensor]: Per window, shape (M, num_frames, 4), in pixels, in the order of the generators.
        """
        made = [generate(num_windows, num_frames, img_shape, device, data_samples) for generate in self.generators]
        return [torch.cat(tubes) for tubes in zip(*made)]
