"""What the person detector finds, and how both ways score with it."""
import pickle
from pathlib import Path
from typing import Any, Dict, List, Optional

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from mmstep.datasets.safe_pickle import load_pickle
from mmstep.engine.config_files import load_config
from mmstep.evaluation.metrics import StepwiseAVAMetric
from mmstep.utils import AtomicFile
from .training import CONFIGS, Training

# Scores from which boxes of the person detector count; MMAction2's own threshold is 0.9.
SCORE_THRS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def predict(model: torch.nn.Module, dataset: Dict[str, Any]) -> List[Any]:
    """Predictions of a model for all items of a data set, one by one.

    Args:
        model (nn.Module): The model.
        dataset (dict): Config of the data set.

    Returns:
        list: Data samples.
    """
    init_default_scope('mmaction')
    loader = dict(
        batch_size=1, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False), dataset=dict(dataset))
    with torch.no_grad():
        return [sample for batch in Runner.build_dataloader(loader) for sample in model.test_step(batch)]


def find_persons(model: torch.nn.Module, cfg: Config, path: Path) -> None:
    """Writes the boxes that a person detector finds in the key frames of the validation videos.

    Args:
        model (nn.Module): The detector.
        cfg (Config): Its config.
        path (Path): Pickle in the form of AVADataset's proposals: 'video_id,timestamp' -> (n, 5), fractions of the
            frame and score.
    """
    found = {}
    for sample in predict(model, cfg.test_dataloader.dataset):
        height, width = sample.ori_shape
        boxes = sample.pred_instances.bboxes.numpy() / np.array([width, height, width, height])
        scores = sample.pred_instances.scores.numpy()
        video, second = Path(sample.img_path).stem.rsplit('_', 1)
        found[f'{video},{second}'] = np.column_stack([boxes.clip(0, 1), scores]).astype(np.float32)
    with AtomicFile(path) as name, open(name, 'wb') as file:
        pickle.dump(found, file)


def score(samples: List[dict]) -> Dict[str, float]:
    """AVAMetric's figures in %, by the metric of STEP's own config.

    Args:
        samples (list[dict]): ``video_id``, ``timestamp``, and ``bboxes`` and ``scores`` of each window.

    Returns:
        dict[str, float]: Frame-mAP ``overall``, of the actions that need ``context``, and recall of the 3 best boxes.
    """
    settings = dict(load_config(str(CONFIGS['step']), None).val_evaluator, num_steps=1)
    settings.pop('type')
    metric = StepwiseAVAMetric(**settings)
    metric.process(None, [dict(each, pred_instances_step1=each) for each in samples])
    figures = metric.compute_metrics(metric.results)
    return {name: round(100 * figures[f'step1/{name}'], 2) for name in ('overall', 'context', 'recall@0.5_top3')}


def plain(sample: Any, kept: Optional[np.ndarray] = None) -> dict:
    """A prediction as what :func:`score` takes, of all boxes or of those in a mask."""
    pred = sample.pred_instances
    rows = slice(None) if kept is None else torch.from_numpy(kept)
    return dict(
        video_id=sample.video_id, timestamp=sample.timestamp, bboxes=pred.bboxes[rows], scores=pred.scores[rows])


def score_two_stages(persons: Training, actions: Training) -> Dict[str, Any]:
    """Figures of the two-stage way with the boxes of the detector, and with the annotated ones.

    Args:
        persons (Training): The person detector.
        actions (Training): The action head.

    Returns:
        dict: ``detected``: by threshold of the detector's score; ``perfect``.
    """
    path = persons.folder / 'boxes.pkl'
    find_persons(persons.model(), load_config(str(persons.config), None), path)
    boxes, cfg, model = load_pickle(str(path)), load_config(str(actions.config), None), actions.model()
    dataset = dict(cfg.test_dataloader.dataset, proposal_file=str(path))
    samples = predict(model, dataset)
    detected = {}
    for thr in SCORE_THRS:
        kept = []
        for sample in samples:
            rated = boxes[f'{sample.video_id},{sample.timestamp:04d}'][:, 4]
            # MMAction2 keeps the best box of all in any case.
            kept.append(plain(sample, rated >= min(thr, rated.max(initial=0))))
        detected[str(thr)] = score(kept)
    annotated = dict(dataset, proposal_file=None, pipeline=cfg.perfect_pipeline)
    return dict(detected=detected, perfect=score([plain(sample) for sample in predict(model, annotated)]))


def score_step(training: Training) -> Dict[str, float]:
    """Figures of STEP's last step."""
    cfg = load_config(str(training.config), None)
    return score([plain(sample) for sample in predict(training.model(), cfg.test_dataloader.dataset)])
