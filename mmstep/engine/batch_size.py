"""The batch that an update really sees, and the learning rates that go with it."""
from mmengine.config import Config
from mmengine.logging import print_log


def set_batch_size(cfg: Config, num_processes: int) -> None:
    """Makes ``auto_scale_lr`` hold for every number of processes, counts accumulation, and logs what comes of it.

    With ``auto_scale_lr`` on and fewer windows an iteration than ``base_batch_size``, gradients are accumulated up to
    it, unless ``optim_wrapper.accumulative_counts`` is set: one process with one window and a base of 4 accumulates
    four iterations, four processes none. More windows than the base, as with eight processes, scale the rates up.
    MMEngine scales by the windows of an iteration alone, so the base is divided by the number of accumulated ones.

    Args:
        cfg (Config): The config, changed in place.
        num_processes (int): Processes that train together.
    """
    scaling = cfg.get('auto_scale_lr') or {}
    windows = cfg.train_dataloader.get('batch_size', 1) * num_processes
    base = scaling.get('base_batch_size') if scaling.get('enable') else None
    if base and 'accumulative_counts' not in cfg.optim_wrapper and windows < base and base % windows == 0:
        cfg.optim_wrapper.accumulative_counts = base // windows
    counts = cfg.optim_wrapper.get('accumulative_counts', 1)
    scale = windows * counts / base if base else 1.
    if base:
        scaling['base_batch_size'] = base / counts
    rate = cfg.optim_wrapper.get('optimizer', {}).get('lr')
    print_log(
        f'Effective batch: {windows * counts} windows an update ({num_processes} processes x '
        f'{windows // num_processes} windows x {counts} accumulated iterations)' +
        (f'; learning rate {rate * scale:g}' if rate else '') +
        (f' ({scale:g} times that of the config, which is for {base})' if base else ' (as in the config)') +
        (f'; {cfg.train_cfg.max_iters} iterations' if 'max_iters' in cfg.train_cfg else
         f'; {cfg.train_cfg.max_epochs} epochs' if 'max_epochs' in cfg.train_cfg else ''),
        logger='current')
