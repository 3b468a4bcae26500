"""Random numbers that depend on the seed and the iteration alone, so that a resumed training draws the same ones."""
import random
from typing import Any, Iterator, List, Optional, Tuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


def mix_seed(*numbers: int) -> int:
    """Mixes numbers into a seed; neighbouring numbers give seeds that have nothing to do with each other.

    Args:
        *numbers (int): For instance seed, rank and iteration; four at most. Their lower 32 bits count.

    Returns:
        int: Of 32 bits.
    """
    return int(np.random.SeedSequence([number % 2**32 for number in numbers]).generate_state(1)[0])


def seed_sample(seed: int) -> None:
    """Seeds what the transforms of one sample draw from; no GPU is touched, so that worker processes can.

    Args:
        seed (int): Of 32 bits.
    """
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)


def seed_iteration(seed: int, rank: int, iteration: int) -> None:
    """Seeds everything that a training iteration draws from, on all devices.

    Args:
        seed (int): Of the run.
        rank (int): Of this process.
        iteration (int): Counted from the beginning of the training.
    """
    mixed = mix_seed(seed, rank, iteration, 0)
    random.seed(mixed)
    np.random.seed(mixed)
    torch.manual_seed(mixed)


class SeededDataset(Dataset):
    """A data set that takes (index, seed) and seeds the transforms of that sample; all else is the data set's own.

    Args:
        dataset (Dataset): The data set.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, tuple):
            index, seed = index
            seed_sample(seed)
        return self.dataset[index]

    def __len__(self) -> int:
        return len(self.dataset)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        if name == 'dataset':  # asked for while unpickling, before it is there
            raise AttributeError(name)
        return getattr(self.dataset, name)


class SeededBatches:
    """A batch sampler that gives every sample of another one's batches a seed, and can begin in the middle.

    Args:
        batches (BatchSampler): The other one.
        seed (int): Of the run.
        rank (int): Of this process.
    """

    def __init__(self, batches: Any, seed: int, rank: int) -> None:
        self.batches = batches
        self.seed = seed
        self.rank = rank
        self._first = 0
        self._skip = 0
        self._epoch: Optional[int] = None

    def start(self, iteration: int, skip: int, epoch: Optional[int] = None) -> None:
        """Sets where the next pass over the data begins.

        Args:
            iteration (int): Iteration of training to which the first batch that is not skipped belongs.
            skip (int): So many batches of the next pass were trained on.
            epoch (int, optional): What the next pass tells the sampler is its epoch. Defaults to what others tell it.
        """
        self._first = iteration - skip
        self._skip = skip
        self._epoch = epoch

    def __iter__(self) -> Iterator[List[Tuple[int, int]]]:
        skip, self._skip = self._skip, 0
        if self._epoch is not None:
            self.batches.sampler.set_epoch(self._epoch)
            self._epoch = None
        number = -1
        for number, indices in enumerate(self.batches):
            if number >= skip:
                yield [(index, mix_seed(self.seed, self.rank, self._first + number, place))
                       for place, index in enumerate(indices, 1)]
        self._first += number + 1

    def __len__(self) -> int:
        return len(self.batches)

    def __getattr__(self, name: str) -> Any:
        if name == 'batches':
            raise AttributeError(name)
        return getattr(self.batches, name)


def seed_loader(loader: DataLoader, seed: int, rank: int) -> SeededBatches:
    """Makes every sample of a data loader depend on its place in the training alone, whichever worker reads it.

    Args:
        loader (DataLoader): Changed in place; iterators that it has made go on as before.
        seed (int): Of the run.
        rank (int): Of this process.

    Returns:
        SeededBatches: Its batch sampler now.
    """
    batches = SeededBatches(loader.batch_sampler, seed, rank)
    # A DataLoader refuses these two as attributes once it is made, because workers that run would not see the change.
    vars(loader).update(dataset=SeededDataset(loader.dataset), batch_sampler=batches)
    # The seeds that it draws for its workers would move torch's own generator at every epoch.
    loader.generator = torch.Generator().manual_seed(mix_seed(seed, rank))
    loader._iterator = None
    return batches
