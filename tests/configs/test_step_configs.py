"""The configs of configs/step: their parts agree, and build what they built before."""
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.agreement import check_config
from helpers.config_prints import COMMAND, CONFIGS, PRINTS, fingerprints
from helpers.mini_forms import CLASSES as MINI_CLASSES
from mmaction.registry import MODELS, TASK_UTILS
from mmengine.config import Config

from mmstep.datasets.tube_annotations import UCF101_24_CLASSES

ROOT = Path(__file__).parents[2]
STEP = ROOT / 'configs/step'


@pytest.mark.parametrize('path', CONFIGS, ids=lambda p: p.stem)
def test_components_exist_and_agree(path):
    check_config(Config.fromfile(str(path)), STEP)


@pytest.mark.parametrize('path', CONFIGS, ids=lambda p: p.stem)
def test_builds_what_it_built_before(path):
    before, now = json.loads(PRINTS.read_text(encoding='utf-8')).get(path.stem, {}), fingerprints(path)
    changed = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
    assert not changed, (f'{path.name} has another {", ".join(changed)} than the last time that {PRINTS.name} was '
                         f'written (git diff on the config and its _base_ shows it). If that is wanted: {COMMAND}')


def test_class_lists_are_the_data_sets():
    """Configs cannot read the package's lists, so they have their own."""
    lists = {path.stem: Config.fromfile(str(path)) for path in (STEP / '_base_/classes').glob('*.py')}
    assert tuple(lists['ucf101_24'].ucf101_24_classes) == UCF101_24_CLASSES
    assert tuple(lists['mini'].mini_classes) == MINI_CLASSES
    assert len(lists['ava'].ava_classes) == len(lists['ava'].ava_class_names) == 60
    assert len(lists['jhmdb'].jhmdb_classes) == 21


WRONG = [
    # config, setting, wrong value, what is noticed
    ('step_vgg16_ucf101-24_rgb', 'model.roi_head.bbox_head.num_classes', 21, 'classes at step 1'),
    ('step_vgg16_jhmdb_rgb', 'val_evaluator.split', 2, 'split of data set and metric'),
    ('step_vgg16_jhmdb_rgb', 'val_dataloader.dataset.ann_file', 'data/ucf101_24/annotations/pyannot.pkl', 'ann_file'),
    ('step_vgg16_ucf101-24_rgb', 'val_evaluator.clip_len', 30, 'clip_len of data set and metric'),
    ('step_vgg16_ucf101-24_rgb', 'val_evaluator.num_steps', 2, 'num_steps'),
    ('step_vgg16_ucf101-24_rgb', 'test_evaluator.num_steps', 2, 'num_steps'),
    ('step_vgg16_ucf101-24_rgb', 'model.roi_head.test_cfg.keep_steps', False, 'keep_steps'),
    ('step_vgg16_ucf101-24_rgb', 'val_dataloader.dataset.window_stride', 7, 'leaves frames without a tubelet'),
    ('step_vgg16_ucf101-24_rgb', 'train_dataloader.dataset.clip_len', 12, 'clip_len of train'),
    ('step_vgg16_ucf101-24_rgb', 'train_dataloader.dataset.pipeline.1.num_clips', 3, 'num_clips of the windows'),
    ('step_vgg16_ucf101-24_rgb', 'train_dataloader.dataset.pipeline.4.scale', (300, 300), 'size of the input'),
    ('step_vgg16_ucf101-24_rgb', 'train_dataloader.dataset.pipeline.4.type', 'TubeResizer', 'TubeResizer'),
    ('step_vgg16_ucf101-24_rgb', 'train_dataloader.dataset.data_prefix', dict(), 'no data_prefix.img'),
    ('step_vgg16_ucf101-24_rgb', 'model.num_clips', 3, 'at least 5 clips'),
    ('step_vgg16_ucf101-24_rgb', 'model.num_clips', 15, 'num_clips of window and model'),
    ('step_vgg16_ucf101-24_rgb', 'model.backbone.in_channels', 10, 'channel'),
    ('step_vgg16_ucf101-24_rgb', 'model.roi_head.bbox_head.in_channels', 256, 'channel'),
    ('step_vgg16_ucf101-24_rgb', 'model.roi_head.bbox_head.context_channels', 64, 'has to be 576'),
    ('step_vgg16_ucf101-24_rgb', 'model.roi_head.bbox_head.roi_feat_size', 5, 'dim|shapes'),
    ('step_vgg16_ucf101-24_rgb', 'model.roi_head.bbox_roi_extractor.featmap_stride', 8, 'featmap_stride=8'),
    ('step_vgg16_ucf101-24_rgb', 'model.roi_head.train_cfg.assigner.0.pos_iou_thr', 0.6, 'fall from step to step'),
    ('step_vgg16_ucf101-24_flow', 'val_dataloader.dataset.data_prefix', dict(img='videos'), 'flow'),
    ('step_vgg16_ucf101-24_flow', 'model.data_preprocessor.num_flows', 3, 'num_flows'),
    ('step_vgg16_ucf101-24_early', 'model.backbone.in_channels', 3, 'channel'),
    ('step_tiny_mini-ucf', 'val_evaluator.temporal_stride', 1, 'temporal_stride'),
    ('step_tiny_mini-ucf', 'train_dataloader.dataset.min_actor_frames', 1, 'min_actor_frames'),
    ('step_tiny_mini-ucf', 'model.backbone.conv1_stride_t', 2, 'feature frames'),
    ('step_tiny_mini-ucf_late', 'model.streams.1.channels', (0, 3), 'channel'),
    ('step_tiny_mini-ucf_late', 'model.streams.0.model.roi_head.bbox_head.reduced_channels', 8, 'model of stream 0'),
    ('step_tiny_mini-ucf_late', 'model.data_preprocessor.flow_scale', 20., 'flow_scale'),
    ('step_tiny_mini-ucf_hybrid', 'model.streams.2.model.init_cfg.checkpoint',
     'work_dirs/step_tiny_mini-ucf_early/iter_9.pth', 'does not end with'),
    ('step_i3d_ava', 'val_evaluator.num_classes', 81, 'num_classes'),
    ('step_i3d_ava', 'val_dataloader.dataset.custom_classes', [1, 2, 3], 'custom_classes'),
    ('step_i3d_ava', 'train_dataloader.dataset.num_clips', 5, 'num_clips of train'),
]


@pytest.mark.parametrize('name, setting, value, noticed', WRONG, ids=[f'{row[0]}:{row[1]}={row[2]}' for row in WRONG])
def test_disagreement_is_noticed(name, setting, value, noticed):
    cfg = Config.fromfile(str(STEP / f'{name}.py'))
    node, *path = cfg, *setting.split('.')
    for key in path[:-1]:
        node = node[int(key)] if key.isdigit() else node[key]
    node[path[-1]] = value
    with pytest.raises((AssertionError, RuntimeError, ValueError, KeyError), match=noticed):
        check_config(cfg, STEP)


@pytest.mark.parametrize('path', [p for p in CONFIGS if 'tiny' in p.stem], ids=lambda p: p.stem)
def test_small_models_build(path):
    model = MODELS.build(Config.fromfile(str(path)).model)
    parts = getattr(model, 'streams', [model])
    assert all(sum(p.numel() for p in part.parameters()) < 1e6 for part in parts)


@pytest.mark.parametrize('number', [11, 27, 51, 100])
def test_number_of_initial_tubes(number):
    name = 's3' if number == 11 else f'p{number}'
    cfg = Config.fromfile(str(STEP / f'step_vgg16_ucf101-24_rgb_{name}.py'))
    assert TASK_UTILS.build(cfg.model.roi_head.prior_generator).num_tubes == number


@pytest.mark.slow
def test_full_size_model_builds():
    model = MODELS.build(Config.fromfile(str(STEP / 'step_i3d_ava.py')).model)
    assert model.backbone.out_channels == 832
    assert model.roi_head.bbox_head[0].fc_cls.weight.shape == (60, 256 * 49 + 1024)


@pytest.mark.slow
def test_one_full_window_tests_and_trains_within_memory():
    """36 x 400 x 400 on the CPU: under 4 GiB in testing and 12 GiB in training."""
    script, config = 'tools/analysis_tools/benchmark_step.py', 'configs/step/step_i3d_ava.py'
    command = [sys.executable, script, config, '--repeat', '1']
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    peak = {row[0]: float(row[-1]) for row in re.findall(r'^(\w+) +([\d.]+) +([\d.]+) +([\d.]+)$', out, re.M)}
    assert peak['test'] < 4 and peak['train'] < 12, out
