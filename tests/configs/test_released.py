"""The model of the published weights: what its config says, and what its 60 score columns mean."""
from pathlib import Path

import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS, METRICS
from mmengine.config import Config
from mmengine.evaluator import Evaluator

CONFIG = Path(__file__).parents[2] / 'configs' / 'step' / 'step_i3d_ava_released.py'


@pytest.fixture(scope='module')
def cfg():
    return Config.fromfile(str(CONFIG))


@pytest.fixture
def ava(tmp_path, cfg):
    """The 60-class label map and one second of one film, in which somebody does one action of each group."""
    names = zip(cfg.ava_classes, cfg.class_names)
    (tmp_path / 'labels.pbtxt').write_text(''.join(f'item {{\n  name: "{n}"\n  id: {i}\n}}\n' for i, n in names))
    (tmp_path / 'truth.csv').write_text(''.join(f'film,0902,0.1,0.1,0.5,0.9,{label},0\n' for label in (3, 80)))
    (tmp_path / 'excluded.csv').touch()
    (tmp_path / 'videos').mkdir()
    (tmp_path / 'videos' / 'film.mp4').touch()
    return dict(
        ann_file=str(tmp_path / 'truth.csv'),
        label_file=str(tmp_path / 'labels.pbtxt'),
        exclude_file=str(tmp_path / 'excluded.csv'))


def test_the_model_is_the_published_one(cfg):
    model, head = cfg.model, cfg.model.roi_head
    assert model.num_clips == 3 and model.clip_features == 'joint'
    assert head.num_steps == 3 and head.extend_at == (3, ) and head.temporal_extension.type == 'LocationAnticipation'
    assert head.bbox_head.bbox_coder == dict(type='TubeDeltaCoder', legacy=True) and head.bbox_head.anticipate
    assert head.bbox_roi_extractor.roi_layer == dict(type='RoIAlign', output_size=7, sampling_ratio=0, aligned=False)
    assert head.test_cfg.score_thr == 0.01 and head.test_cfg.nms.iou_threshold == 0.4
    assert head.test_cfg.max_per_img == 300
    assert model.data_preprocessor.mean == model.data_preprocessor.std == [127.5] * 3
    sampler = next(t for t in cfg.test_pipeline if t.type == 'SampleTubeWindow')
    assert (sampler.clip_len * sampler.num_clips, sampler.fps) == (36, 12)
    resize = next(t for t in cfg.test_pipeline if t.type == 'Resize')
    assert resize.scale == (400, 400) and resize.keep_ratio is False
    # Testing and the demo need no other weights than the checkpoint.
    assert 'Pretrained' not in str(model)


def test_columns_are_the_sorted_ids(cfg):
    assert len(cfg.ava_classes) == len(cfg.class_names) == len(set(cfg.class_names)) == 60
    assert cfg.ava_classes == sorted(cfg.ava_classes)
    by_id = dict(zip(cfg.ava_classes, cfg.class_names))
    assert [by_id[i] for i in (1, 3, 12, 17, 59, 74, 80)] == [
        'bend/bow (at the waist)', 'crouch/kneel', 'stand', 'carry/hold (an object)', 'touch (an object)',
        'listen to (a person)', 'watch (a person)'
    ]


def test_the_metric_scores_by_them(cfg, ava):
    metric = METRICS.build({**cfg.test_evaluator, **ava, 'num_steps': 1})
    evaluator = Evaluator([metric])
    evaluator.dataset_meta = {}
    scores = np.zeros((1, 61), dtype=np.float32)
    scores[0, [2, 60, 31]] = .9, .8, .7  # ids 3 and 80, and a wrong 46
    step = dict(bboxes=torch.tensor([[.1, .1, .5, .9]]), scores=torch.from_numpy(scores))
    evaluator.process([dict(video_id='film', timestamp=902, pred_instances_step1=step)], None)
    figures = evaluator.evaluate(1)
    assert figures['step1/AP/crouch/kneel'] == figures['step1/AP/watch (a person)'] == 1


def test_the_data_set_gives_them(cfg, ava, tmp_path):
    dataset = DATASETS.build({
        **cfg.test_dataloader.dataset,
        **ava, 'data_prefix': dict(img=str(tmp_path / 'videos')),
        'pipeline': []
    })
    labels = dataset.get_data_info(0)['gt_labels']
    assert labels.shape == (1, 61) and labels.nonzero()[1].tolist() == [2, 60]
