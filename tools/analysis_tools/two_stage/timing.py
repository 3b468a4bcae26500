"""How long an iteration of training and a window at test take, in turn, so that a busy machine treats all alike."""
import statistics
import time
from typing import Dict, List

import torch
from mmengine.optim import build_optim_wrapper
from mmengine.runner import Runner

from mmstep.engine.config_files import load_config
from mmstep.models.fold_batch_norm import fold_batch_norm
from .training import CONFIGS, Training, build


def train_seconds(rounds: int = 8) -> Dict[str, float]:
    """CPU seconds of an iteration of each training, data included, measured in turn.

    Args:
        rounds (int): Iterations of each; the first does not count.

    Returns:
        dict[str, float]: Part -> median.
    """
    steps = {}
    for part, config in CONFIGS.items():
        cfg, model = load_config(str(config), None), build(config).train()
        loader = dict(cfg.train_dataloader, num_workers=0, persistent_workers=False)
        steps[part] = (model, build_optim_wrapper(model, cfg.optim_wrapper), iter(Runner.build_dataloader(loader)))
    seconds: Dict[str, List[float]] = {part: [] for part in steps}
    for _ in range(rounds):
        for part, (model, wrapper, data) in steps.items():
            start = time.process_time()
            model.train_step(next(data), wrapper)
            seconds[part].append(time.process_time() - start)
    return {part: statistics.median(times[1:]) for part, times in seconds.items()}


def test_seconds(parts: Dict[str, Training], rounds: int = 40) -> Dict[str, float]:
    """CPU seconds of a window at test for each model, measured in turn on the same windows; decoding does not count.

    Args:
        parts (dict): Part -> its training.
        rounds (int): Windows; the first does not count.

    Returns:
        dict[str, float]: Part -> median.
    """
    ready = {}
    for part, training in parts.items():
        cfg = load_config(str(training.config), None)
        dataset = dict(cfg.test_dataloader.dataset)
        if part == 'actions':
            dataset.update(proposal_file=str(parts['persons'].folder / 'boxes.pkl'), person_det_score_thr=0.5)
        loader = dict(batch_size=1, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False), dataset=dataset)
        ready[part] = (fold_batch_norm(training.model()), iter(Runner.build_dataloader(loader)))
    seconds: Dict[str, List[float]] = {part: [] for part in ready}
    with torch.no_grad():
        for _ in range(rounds):
            for part, (model, data) in ready.items():
                batch = next(data)
                start = time.process_time()
                model.test_step(batch)
                seconds[part].append(time.process_time() - start)
    return {part: statistics.median(times[1:]) for part, times in seconds.items()}
