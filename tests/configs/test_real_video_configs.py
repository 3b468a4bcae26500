"""The configs of configs/step/studies/real_video on made pictures: one update, and scores of all steps."""
import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from mmstep.engine.config_files import load_config

FOLDER = Path(__file__).parents[2] / 'configs/step/studies/real_video'


@pytest.fixture
def cfg(tmp_path):
    """The config from random weights, with a narrow VGG16, on two halves of a video of 16 frames."""
    tube = np.array([[frame, 40, 40, 120, 200] for frame in range(1, 9)], np.float32)
    for part in ('first', 'rest'):
        (tmp_path / f'frames/a_{part}').mkdir(parents=True)
        for number in range(1, 9):
            picture = np.full((240, 320, 3), 10 * number, np.uint8)
            cv2.imwrite(str(tmp_path / f'frames/a_{part}/{number:05d}.jpg'), picture)
    names = ['a_first', 'a_rest']
    content = dict(
        labels=[f'class {index}' for index in range(24)],
        gttubes={name: {
            2: [tube]
        }
                 for name in names},
        nframes={name: 8
                 for name in names},
        train_videos=[names[:1]],
        test_videos=[names[1:]],
        resolution={name: (240, 320)
                    for name in names})
    (tmp_path / 'annotations.pkl').write_bytes(pickle.dumps(content))
    cfg = load_config(str(FOLDER / 'step_vgg16_halves_random.py'), None)
    cfg.model.backbone.backbone.channels = (2, 2, 2, 2, 512)
    for part in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        cfg[part].dataset.update(ann_file=f'{tmp_path}/annotations.pkl', data_prefix=dict(img=f'{tmp_path}/frames'))
    cfg.val_evaluator.ann_file = cfg.test_evaluator.ann_file = f'{tmp_path}/annotations.pkl'
    cfg.work_dir = str(tmp_path / 'out')
    cfg.train_cfg.update(max_iters=1, val_interval=1)
    init_default_scope('mmaction')
    return cfg


@pytest.mark.slow
def test_trains_on_one_part_and_scores_every_step_on_the_other(cfg):
    torch.manual_seed(0)
    runner = Runner.from_cfg(cfg)
    runner.train()
    figures = runner.val_evaluator.metrics[0]
    assert figures.truth.videos == ['a_rest']
    logged = runner.message_hub.get_scalar('val/step3/frame-mAP@0.5').data[0]
    assert 0 <= logged[0] <= 1


def test_the_two_differ_in_their_weights_alone():
    trained, made_up = (load_config(str(FOLDER / f'step_vgg16_halves{name}.py'), None) for name in ('', '_random'))
    assert trained.model.backbone.backbone.pop('init_cfg') != made_up.model.backbone.backbone.pop('init_cfg')
    assert trained.to_dict() == made_up.to_dict()
