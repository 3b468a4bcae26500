"""Resuming without reading the data of the past again."""
from itertools import chain, islice, repeat

from mmaction.registry import HOOKS
from mmengine.dataset import InfiniteSampler
from mmengine.hooks import Hook
from mmengine.runner import IterBasedTrainLoop, Runner


@HOOKS.register_module()
class FastResumeHook(Hook):
    """Lets a resumed iteration-based training skip the windows that it has seen without decoding them.

    MMEngine's ``IterBasedTrainLoop`` reads and drops every batch up to the iteration at which it resumes: hours of
    video decoding. An ``InfiniteSampler``'s order depends on its seed alone, so this hook moves it forward by
    counting; the windows that follow are those that an unbroken run would see. Training with any other sampler or
    loop is left as it is.
    """

    def before_train(self, runner: Runner) -> None:
        """Moves the sampler to the iteration from which training goes on.

        Args:
            runner (Runner): The runner, its loop's iteration already read from the checkpoint.
        """
        loop = runner.train_loop
        if not isinstance(loop, IterBasedTrainLoop) or loop.iter == 0:
            return
        loader = loop.dataloader
        if not isinstance(loader.sampler, InfiniteSampler) or loader.batch_size is None:
            return
        # The iterator made with the loop has begun to read the first batches; it goes before the sampler moves.
        loop.dataloader_iterator = None
        loader.sampler.indices = islice(loader.sampler._indices_of_rank(), loop.iter * loader.batch_size, None)
        # The loop still asks for the batches of the past, one by one: it gets nothing, at once.
        loop.dataloader_iterator = chain(repeat(None, loop.iter), loader)
        runner.logger.info(f'{loop.iter * loader.batch_size} windows that were trained on are skipped without reading')
