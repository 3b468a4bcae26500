"""What a detector scores on a config's validation data, wherever it runs."""
from typing import Any, Tuple

import torch
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from mmstep.errors import LaunchError

# What StepwiseAVAMetric and TubeMetric call frame mAP at IoU 0.5.
MEANS = ('overall', 'frame-mAP@0.5')


@torch.no_grad()
def score_detector(model: Any, cfg: Config) -> Tuple[str, float]:
    """Scores a detector on the validation data.

    Args:
        model (nn.Module): Anything with MMEngine's ``test_step``.
        cfg (Config): Whose ``val_dataloader`` and ``val_evaluator`` are used.

    Returns:
        tuple[str, float]: The metric's name, that of the last step's mAP, and its value in points, 0..100.

    Raises:
        LaunchError: If the config has no validation data, or its evaluator gives no mAP.
    """
    if not cfg.get('val_dataloader') or not cfg.get('val_evaluator'):
        raise LaunchError(f'{cfg.filename} has no val_dataloader with a val_evaluator to score on')
    init_default_scope(cfg.get('default_scope', 'mmaction'))
    loader = Runner.build_dataloader(cfg.val_dataloader)
    evaluator = Evaluator(cfg.val_evaluator)
    evaluator.dataset_meta = getattr(loader.dataset, 'metainfo', None)
    for batch in loader:
        evaluator.process(data_samples=model.test_step(batch), data_batch=batch)
    figures = evaluator.evaluate(len(loader.dataset))
    names = [name for name in figures if name.endswith(MEANS)]
    if not names:
        raise LaunchError(f'{cfg.filename}: val_evaluator gives none of {", ".join(MEANS)}, but {", ".join(figures)}')
    return names[-1], 100 * float(figures[names[-1]])
