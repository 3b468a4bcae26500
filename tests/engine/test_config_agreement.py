"""Settings of model, data sets and evaluators that do not agree are named, both of them, before anything is built."""
import re
from pathlib import Path

import pytest
from mmengine.config import Config

from mmstep.engine.config_agreement import check_agreement
from mmstep.errors import LaunchError

CONFIGS = sorted((Path(__file__).parents[2] / 'configs' / 'step').glob('*.py'))


@pytest.fixture
def cfg(tmp_path):
    for name, video in (('train', 'a'), ('val', 'b'), ('other', 'c')):
        (tmp_path / f'{name}.csv').write_text(f'{video},1,0,0,1,1,1,0\n')
    (tmp_path / 'copy.csv').write_text('\nb,2,0,0,1,1,1,0\n')

    def loader(name):
        dataset = dict(type='AVAWindowDataset', num_classes=4, ann_file=str(tmp_path / f'{name}.csv'))
        return dict(dataset=dict(type='RepeatDataset', times=2, dataset=dataset))

    return Config(
        dict(
            folder=str(tmp_path),
            class_names=['a', 'b', 'c'],
            model=dict(roi_head=dict(num_steps=3, bbox_head=dict(type='TwoBranchHead', num_classes=3))),
            train_dataloader=loader('train'),
            val_dataloader=loader('val'),
            val_evaluator=dict(
                type='StepwiseAVAMetric', num_steps=3, num_classes=4, ann_file=str(tmp_path / 'val.csv'))))


def test_agreement_passes(cfg):
    check_agreement(cfg, 'x.py', ['train', 'val'])


@pytest.mark.parametrize('key, value, said', [
    ('model.roi_head.bbox_head.num_classes', 80,
     r'train_dataloader.dataset.dataset.num_classes=4 \(3 classes and the unused 0\), '
     r'model.roi_head.bbox_head.num_classes=80: the second must be 3$'),
    ('val_dataloader.dataset.dataset.num_classes', 9, r'val_dataloader\S+num_classes=9: the second must be 4'),
    ('val_evaluator.num_classes', 9, 'val_evaluator.num_classes=9: the second must be 4'),
    ('class_names', ['a', 'b'], 'the number of class_names=2: the second must be 3'),
    ('val_evaluator.custom_classes', [1, 2], r'val_evaluator.custom_classes lists 2 classes.*must be 3'),
    ('val_evaluator.custom_classes', [1, 2, 5], r'val_dataloader\S+=None, val_evaluator.custom_classes=\[1, 2, 5\]'),
    ('val_evaluator.exclude_file', 'x.csv', r'exclude_file=None, val_evaluator.exclude_file=x.csv: .*the same file'),
    ('val_evaluator.ann_file', 'other.csv', r'other.csv: they have no video in common \(b and c\)'),
    ('val_evaluator.num_steps', 4, 'num_steps=3, val_evaluator.num_steps=4: the second must be 3 or less'),
    ('val_evaluator.type', 'TubeMetric', 'AVAWindowDataset, val_evaluator of type TubeMetric, which scores another'),
])
def test_both_settings_are_named(cfg, key, value, said):
    if value == 'other.csv':
        value = f'{cfg.folder}/other.csv'
    cfg.merge_from_dict({key: value})
    with pytest.raises(LaunchError, match='x.py: settings do not agree.') as error:
        check_agreement(cfg, 'x.py', ['train', 'val'])
    assert re.search(said, str(error.value), re.M), str(error.value)


def test_same_videos_in_another_file_pass(cfg):
    cfg.val_evaluator.ann_file = f'{cfg.folder}/copy.csv'
    check_agreement(cfg, 'x.py', ['val'])


def test_tubes_of_another_split_are_not_scored():
    common = dict(ann_file='a.pkl', clip_len=6)
    cfg = Config(
        dict(
            test_dataloader=dict(dataset=dict(type='UCF101_24Dataset', split=2, **common)),
            test_evaluator=[dict(type='DumpDetections'),
                            dict(type='TubeMetric', **common)]))
    with pytest.raises(LaunchError, match=r'dataset.split=2, test_evaluator.1.split=1: they must be equal'):
        check_agreement(cfg, 'x.py', ['test'])


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_configs_of_the_project_agree(path):
    check_agreement(Config.fromfile(str(path)), path.name, ['train', 'val', 'test'])
