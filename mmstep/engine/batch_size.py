"""The batch that an update really sees."""
from mmengine.config import Config


def set_batch_size(cfg: Config, num_processes: int) -> None:
    """Gives every number of processes the batch that a config's learning rates are meant for, where that can be.

    With fewer windows an iteration than ``auto_scale_lr.base_batch_size``, gradients are accumulated up to it, unless
    ``optim_wrapper.accumulative_counts`` is set: one process with one window and a base of 4 accumulates four
    iterations, four processes none. Eight processes make a batch of 8; the rates stay those of the config, for Adam's
    updates are as large whatever the batch. ``--auto-scale-lr`` (``auto_scale_lr.enable``) scales them with the batch
    instead, accumulated iterations counted: MMEngine scales by the windows of an iteration alone, so the base is
    divided by their number.

    Args:
        cfg (Config): The config, changed in place.
        num_processes (int): Processes that train together.
    """
    scaling = cfg.get('auto_scale_lr') or {}
    base = scaling.get('base_batch_size')
    if not base:
        return
    windows = cfg.train_dataloader.get('batch_size', 1) * num_processes
    if 'accumulative_counts' not in cfg.optim_wrapper and windows < base and base % windows == 0:
        cfg.optim_wrapper.accumulative_counts = base // windows
    if scaling.get('enable'):
        scaling['base_batch_size'] = base / cfg.optim_wrapper.get('accumulative_counts', 1)
