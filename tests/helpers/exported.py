"""A small model to export: two steps, 64x64 pixels, the second step over three clips."""
import copy
from pathlib import Path

import torch

from mmstep.apis import init_detector
from mmstep.engine.config_files import load_config

CONFIGS = Path(__file__).parents[2] / 'configs' / 'step'


def small_config(joint=False):
    cfg = load_config(str(CONFIGS / 'step_tiny_mini-ava.py'))
    cfg.model.roi_head.update(num_steps=2, extend_at=(2, ), train_cfg=None)
    cfg.model.clip_features = 'joint' if joint else 'independent'
    pipeline = copy.deepcopy(cfg.test_pipeline)
    for transform in pipeline:
        if transform['type'] == 'Resize':
            transform['scale'] = (64, 64)
    cfg.test_pipeline = pipeline
    cfg.val_dataloader.dataset.pipeline = cfg.test_dataloader.dataset.pipeline = pipeline
    cfg.val_dataloader.update(num_workers=0, persistent_workers=False)
    return cfg


def small_model(joint=False, seed=0):
    """With weights that move the boxes, as those of a trained model do."""
    torch.manual_seed(seed)
    model = init_detector(small_config(joint), device='cpu')
    for head in model.roi_head.bbox_head:
        for layer in (head.fc_reg, head.fc_prev, head.fc_next):
            if layer is not None:
                torch.nn.init.normal_(layer.weight, std=0.05)
    return model
