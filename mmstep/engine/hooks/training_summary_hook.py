"""Says at the start what a training really does."""
from mmaction.registry import HOOKS
from mmengine.dist import get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner


@HOOKS.register_module()
class TrainingSummaryHook(Hook):
    """Logs the effective batch, the learning rates and the number of iterations and updates.

    These follow from batch size, number of processes, accumulation, scaling of rates and length of the data set, which
    stand in several places. Rates are those before any warm-up.
    """
    priority = 'VERY_LOW'

    def before_train(self, runner: Runner) -> None:
        """Logs, once everything is built.

        Args:
            runner (Runner): The runner.
        """
        processes = get_world_size()
        size = runner.train_dataloader.batch_size or 1
        counts = getattr(runner.optim_wrapper, '_accumulative_counts', 1)
        groups = runner.optim_wrapper.optimizer.param_groups
        rates = sorted({group.get('initial_lr', group['lr']) for group in groups})
        named = ', '.join(f'{rate:.3g}' for rate in rates)
        runner.logger.info(
            f'Effective batch: {processes * size * counts} windows an update '
            f'({processes} processes x {size} windows x {counts} accumulated iterations). Learning rates: {named}. '
            f'{runner.max_iters} iterations, {runner.max_iters // counts} updates')
