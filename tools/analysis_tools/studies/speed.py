"""CPU seconds that detectors of random weights take for a window."""
import statistics
import time
from typing import Dict

import torch
from benchmark_step import random_batch
from mmaction.registry import MODELS, TASK_UTILS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmstep.models.fold_batch_norm import fold_batch_norm


def with_steps(cfg: Config, num_steps: int, extended: bool) -> Config:
    """A config with another number of steps.

    Args:
        cfg (Config): A config of a detector without extension; it is not changed.
        num_steps (int): Steps.
        extended (bool): Whether every step from the second on is extended in time, as on UCF101-24 (6, 18, 30 ...).

    Returns:
        Config: The other one.
    """
    num_clips = 2 * num_steps - 1 if extended else 1
    new = Config(cfg.to_dict())
    new.model.num_clips = num_clips
    new.model.roi_head.update(
        num_steps=num_steps,
        extend_at=tuple(range(2, num_steps + 1)) if extended else (),
        temporal_extension=dict(type='LocationAnticipation') if extended else None,
        train_cfg=None)
    for transform in new.test_dataloader.dataset.pipeline:
        if 'num_clips' in transform:
            transform.num_clips = num_clips
    return new


def window_seconds(configs: Dict[str, Config], repeat: int = 5) -> Dict[str, float]:
    """Measures detectors in turn, so that whatever else the machine does meets all of them.

    Args:
        configs (dict[str, Config]): Name -> config; weights are random.
        repeat (int): Runs of each, after one to warm up. Defaults to 5.

    Returns:
        dict[str, float]: Name -> median CPU seconds of a window, with one thread.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    models, times = {}, {name: [] for name in configs}  # type: ignore[var-annotated]
    try:
        for name, cfg in configs.items():
            init_default_scope(cfg.default_scope)
            torch.manual_seed(0)
            model = fold_batch_norm(MODELS.build(cfg.model).eval())
            models[name] = model, model.data_preprocessor(random_batch(cfg, 1))
        for turn in range(repeat + 1):
            for name, (model, data) in models.items():
                seconds = _predict(model, data)
                times[name] += [seconds] * (turn > 0)
    finally:
        torch.set_num_threads(threads)
    return {name: statistics.median(values) for name, values in times.items()}


def _predict(model: torch.nn.Module, data: dict) -> float:
    begin = time.process_time()
    with torch.no_grad():
        model(**data, mode='predict')
    return time.process_time() - begin


def number_of_tubes(cfg: Config) -> int:
    """The number of initial tubes of a config."""
    return TASK_UTILS.build(cfg.model.roi_head.prior_generator).num_tubes
