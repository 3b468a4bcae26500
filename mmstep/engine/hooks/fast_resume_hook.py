"""Resuming at the very window, and with the very random numbers, of an unbroken training."""
from itertools import chain, repeat
from typing import Any, Optional, Tuple

from mmaction.registry import HOOKS
from mmengine.dataset import InfiniteSampler
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop, Runner
from mmengine.runner.loops import _InfiniteDataloaderIterator

from ..seeding import seed_iteration, seed_loader


@HOOKS.register_module()
class FastResumeHook(Hook):
    """Lets a resumed training end with the same weights, to the bit, as one that was never broken off.

    - Windows that were trained on are skipped without being read, in loops by iterations and by epochs: MMEngine reads
      and drops all of them in the first case (hours of decoding), and begins the epoch anew in the second.
    - What an iteration draws (dropout, sampling) depends on the seed, the process and the number of the iteration;
      what a sample's transforms draw, on the place of the sample in the training. So there is no random state to
      save, nothing that a validation could move, and nothing that depends on the number of data workers.

    Resuming over another number of processes goes on at the same fraction of the epoch. Loaders without a batch
    sampler, and loops other than MMEngine's two, are left as they are.
    """
    priority = 'VERY_HIGH'

    def __init__(self) -> None:
        self._meta: dict = {}
        self._seed: Optional[int] = None

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Adds what the position in the data depends on.

        Args:
            runner (Runner): The runner.
            checkpoint (dict): About to be saved; its ``meta`` gets two entries.
        """
        loader = runner.train_dataloader
        checkpoint['meta']['sampler_seed'] = getattr(loader.sampler, 'seed', None)
        if isinstance(runner.train_loop, EpochBasedTrainLoop):
            checkpoint['meta']['epoch_length'] = len(loader)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Remembers these.

        Args:
            runner (Runner): The runner.
            checkpoint (dict): As it was saved.
        """
        self._meta = checkpoint.get('meta') or {}

    def before_train(self, runner: Runner) -> None:
        """Seeds the data loader, and moves it to the iteration from which training goes on.

        Args:
            runner (Runner): The runner, its loop's epoch and iteration already read from the checkpoint.
        """
        loop = runner.train_loop
        self._seed = runner.seed
        if type(loop) not in (IterBasedTrainLoop, EpochBasedTrainLoop) or loop.dataloader.batch_sampler is None:
            return
        loader = loop.dataloader
        sampler = loader.sampler
        resumed = loop.iter > 0 or loop.epoch > 0
        if resumed and self._meta.get('sampler_seed') is not None:  # a run without a seed has drawn one
            sampler.seed = self._meta['sampler_seed']
        batches = seed_loader(loader, runner.seed, runner.rank)
        passes, skip = self._position(loop, isinstance(sampler, InfiniteSampler))
        # MMEngine's hook tells the sampler of loops by iterations that all passes are the first one.
        by_passes = isinstance(loop, IterBasedTrainLoop) and hasattr(sampler, 'set_epoch')
        batches.start(loop.iter, skip, passes if by_passes else None)
        if isinstance(sampler, InfiniteSampler):
            # The iterator made with the loop may have drawn from it already.
            sampler.indices = sampler._indices_of_rank()
        if isinstance(loop, IterBasedTrainLoop):
            loop.dataloader_iterator = None  # its workers end before others start
            iterator = _InfiniteDataloaderIterator(loader)
            iterator._epoch = passes
            # The loop still asks for the batches of the past, one by one: it gets nothing, at once.
            loop.dataloader_iterator = chain(repeat(None, loop.iter), iterator)
        elif skip:
            # MMEngine would count the batches that are left of this epoch from 0.
            run_iter = loop.run_iter
            loop.run_iter = lambda idx, data_batch: run_iter(idx + skip, data_batch)
        if skip:
            runner.logger.info(f'{skip * (loader.batch_size or 1)} windows that were trained on are skipped without '
                               'reading')

    def _position(self, loop: Any, infinite: bool) -> Tuple[int, int]:
        """Passes over the data that are done, and batches that are done of the present one."""
        if infinite:
            return 0, loop.iter
        length = len(loop.dataloader)
        if isinstance(loop, IterBasedTrainLoop):
            return divmod(loop.iter, length)
        before = self._meta.get('epoch_length', length)
        done = loop.iter - loop.epoch * before
        if before != length:  # another number of processes or another batch
            done = int(done * length / before)
            loop._iter = loop.epoch * length + done
        return loop.epoch, min(max(done, 0), length)

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: DATA_BATCH = None) -> None:
        """Seeds what the iteration draws.

        Args:
            runner (Runner): The runner.
            batch_idx (int): Not used.
            data_batch (Any): Not used.
        """
        if self._seed is not None:
            seed_iteration(self._seed, runner.rank, runner.iter)

    def after_train_epoch(self, runner: Runner) -> None:
        """Lets the epochs after the resumed one be counted as usual.

        Args:
            runner (Runner): The runner.
        """
        vars(runner.train_loop).pop('run_iter', None)
