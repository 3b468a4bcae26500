"""Initial tubes: a grid, annotated tubes, boxes of a person detector, or several of them chained."""
from abc import ABC, abstractmethod
from typing import Dict, List, Optional, Sequence, Tuple

import torch
from mmaction.registry import TASK_UTILS
from mmaction.utils import ConfigType, SampleList
from torch import Tensor

from mmstep.structures import middle_frames


class BaseTubeGenerator(ABC):
    """Makes the tubes that the first step starts from."""

    @abstractmethod
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
            data_samples (list, optional): One for each window, for generators that take boxes from them.

        Returns:
            list[Tensor]: Per window, shape (M, num_frames, 4), in pixels; M may differ between windows and be 0.

        Raises:
            ValueError: If the generator needs data samples and does not find in them what it takes.
        """

    def for_batch(self,
                  num_windows: int,
                  num_frames: int,
                  img_shape: Tuple[int, int],
                  device: torch.device,
                  data_samples: Optional[SampleList] = None) -> Tuple[Tensor, Tensor]:
        """The same tubes in one tensor.

        Args:
            num_windows (int): Windows B in the batch.
            num_frames (int): See :meth:`__call__`, like the rest.
            img_shape (tuple[int, int]): Height and width of the input.
            device (torch.device): Where the tubes are wanted.
            data_samples (list, optional): One for each window.

        Returns:
            tuple[Tensor, Tensor]: The N tubes of all windows, shape (N, num_frames, 4), ordered by window, and the
            index in the batch of each, shape (N,).
        """
        tubes = self(num_windows, num_frames, img_shape, device, data_samples)
        # Filled on the device: copied there, they would hold up the host.
        inds = [torch.full((len(window), ), i, dtype=torch.long, device=device) for i, window in enumerate(tubes)]
        return torch.cat(tubes), torch.cat(inds)


class SharedTubeGenerator(BaseTubeGenerator):
    """Makes the same tubes for every window: boxes that are shares of the frame, replicated over the frames.

    Attributes:
        boxes (Tensor): x1, y1, x2, y2 as shares of the frame, shape (M, 4).
    """
    boxes: Tensor

    @property
    def num_tubes(self) -> int:
        """Number of initial tubes of a window."""
        return len(self.boxes)

    @abstractmethod
    def place(self, img_shape: Tuple[int, int], device: torch.device) -> Tensor:
        """Places the boxes in a frame.

        Args:
            img_shape (tuple[int, int]): Height and width of the input.
            device (torch.device): Where the boxes are wanted.

        Returns:
            Tensor: In pixels, shape (M, 4).
        """

    def __call__(self,
                 num_windows: int,
                 num_frames: int,
                 img_shape: Tuple[int, int],
                 device: torch.device,
                 data_samples: Optional[SampleList] = None) -> List[Tensor]:
        return [self.place(img_shape, device)[:, None].expand(-1, num_frames, -1)] * num_windows

    def for_batch(self,
                  num_windows: int,
                  num_frames: int,
                  img_shape: Tuple[int, int],
                  device: torch.device,
                  data_samples: Optional[SampleList] = None) -> Tuple[Tensor, Tensor]:
        # No list as long as the batch: an exported graph takes any number of windows.
        tubes, = self(1, num_frames, img_shape, device)
        batch_inds = torch.arange(num_windows, device=device)[:, None].expand(-1, len(tubes))
        return tubes.expand(num_windows, -1, -1, -1).flatten(0, 1), batch_inds.reshape(-1)


@TASK_UTILS.register_module()
class TubeGridGenerator(SharedTubeGenerator):
    """A coarse grid of boxes, replicated over the frames (section 3.1).

    "Sparsely sampled from a coarse-scale grid of boxes and replicated across time to form the initial proposals." A
    box of scale s has the side 1/s of the frame; the overlap of neighbours sets how many there are along an axis; they
    are spread evenly from 0 to 1 - 1/s, and one box alone is centred.

    Args:
        scales (Sequence[float]): Each at least 1.
        overlaps (Sequence[float]): One for each scale, in [0, 1).

    Raises:
        ValueError: If the two lists do not fit or a value is out of range.

    Examples:
        >>> TubeGridGenerator((4 / 3, 2), (5 / 6, 3 / 4)).num_tubes  # AVA
        34
        >>> TubeGridGenerator((1, 4 / 3, 2), (0, 0, 1 / 2)).num_tubes
        11
    """

    def __init__(self, scales: Sequence[float] = (4 / 3, 2), overlaps: Sequence[float] = (5 / 6, 3 / 4)) -> None:
        if len(scales) != len(overlaps) or not scales:
            raise ValueError(f'scales {tuple(scales)} and overlaps '
                             f'{tuple(overlaps)} need the same length, not 0')
        if min(scales) < 1 or min(overlaps) < 0 or max(overlaps) >= 1:
            raise ValueError(f'scales {tuple(scales)} have to be at least 1 and overlaps '
                             f'{tuple(overlaps)} in [0, 1)')
        self.boxes = torch.cat([self._grid(1 / scale, overlap) for scale, overlap in zip(scales, overlaps)])
        self._placed: Dict[tuple, Tensor] = {}  # in pixels, by the size and device that they were last wanted for

    @staticmethod
    def _grid(side: float, overlap: float) -> Tensor:
        """Boxes of one scale, as fractions of the frame, shape (n * n, 4)."""
        stride = side * (1 - overlap)
        # The small term keeps 0.25 / 0.125 from coming out as 1.999.
        num = int((1 - side) / stride + 1e-6) + 1
        if num == 1:
            start = torch.tensor([(1 - side) / 2])
        else:
            start = torch.linspace(0, 1 - side, num)
        y, x = torch.meshgrid(start, start, indexing='ij')
        corner = torch.stack([x, y], dim=-1).reshape(-1, 2)
        return torch.cat([corner, corner + side], dim=1)

    def place(self, img_shape: Tuple[int, int], device: torch.device) -> Tensor:
        """See :class:`SharedTubeGenerator`."""
        height, width = img_shape
        # Kept on the device; not in an exported graph, whose tensors are none.
        tubes = None if torch.compiler.is_compiling() else self._placed.get((img_shape, device))
        if tubes is None:
            tubes = (self.boxes * self.boxes.new_tensor([width, height, width, height])).to(device)
            if not torch.compiler.is_compiling():
                self._placed = {(img_shape, device): tubes}
        return tubes


@TASK_UTILS.register_module()
class GroundTruthTubes(BaseTubeGenerator):
    """The annotated tubes as proposals, for pre-training on classification.

    Section 4.1: "we first pre-train our model for an action classification task using the spatial ground truth of
    training set". Frames without annotation hold the actor's nearest box in time, as the data set packs it. Data
    samples need ``gt_tubes`` of the whole window, of which the middle frames are taken.
    """

    def __call__(self,
                 num_windows: int,
                 num_frames: int,
                 img_shape: Tuple[int, int],
                 device: torch.device,
                 data_samples: Optional[SampleList] = None) -> List[Tensor]:
        if data_samples is None or any('gt_tubes' not in s for s in data_samples):
            raise ValueError('GroundTruthTubes needs data samples with gt_tubes; for '
                             'detection without annotations use TubeGridGenerator')
        boxes = [s.gt_tubes.bboxes.to(device) for s in data_samples]
        return [middle_frames(b, num_frames) for b in boxes]


@TASK_UTILS.register_module()
class ProposalTubes(BaseTubeGenerator):
    """The boxes of a person detector, replicated over the frames.

    For the two-stage way: STEP refines what a detector found at the key frame instead of a grid. The boxes come from
    the data set's ``proposal_file``, in the form of MMAction2's :class:`AVADataset`: data samples need ``proposals``,
    an InstanceData of ``bboxes`` (n, 4) in pixels. A window may have none.
    """

    def __call__(self,
                 num_windows: int,
                 num_frames: int,
                 img_shape: Tuple[int, int],
                 device: torch.device,
                 data_samples: Optional[SampleList] = None) -> List[Tensor]:
        if data_samples is None or any('proposals' not in sample for sample in data_samples):
            raise ValueError('ProposalTubes needs data samples with proposals: set '
                             'proposal_file of AVAWindowDataset; for detection without a '
                             'person detector use TubeGridGenerator')
        boxes = [s.proposals.bboxes.float().to(device) for s in data_samples]
        return [b[:, None].expand(-1, num_frames, -1) for b in boxes]


@TASK_UTILS.register_module()
class ChainedTubes(BaseTubeGenerator):
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
        made = [generate(num_windows, num_frames, img_shape, device, data_samples) for generate in self.generators]
        return [torch.cat(tubes) for tubes in zip(*made)]
