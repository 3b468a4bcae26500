"""The comparison with the two-stage way: its pictures, its models, its table."""
import json

import cv2
import numpy as np
import pytest
from two_stage import table
from two_stage.key_frames import write_key_frames
from two_stage.training import CONFIGS, build

from mmstep.engine.config_files import load_config


@pytest.fixture
def results():
    """Figures of two seeds: thresholds 0.5 and 0.9 differ by seed, 0.5 is better on average."""

    def scored(overall):
        return {'overall': overall, 'context': 10., 'recall@0.5_top3': 90.}

    return dict(
        step=dict(iterations=100, scores={
            '0': scored(80.),
            '1': scored(82.)
        }),
        two_stage=[
            dict(
                iterations=dict(persons=10, actions=60),
                scores={
                    '0': dict(detected={
                        '0.5': scored(60.),
                        '0.9': scored(40.)
                    }, perfect=scored(70.)),
                    '1': dict(detected={
                        '0.5': scored(62.),
                        '0.9': scored(63.)
                    }, perfect=scored(72.))
                })
        ],
        parameters=dict(step=1_000_000, persons=500_000, actions=250_000),
        train_seconds=dict(step=1., persons=4., actions=1.),
        test_seconds=dict(step=.1, persons=.02, actions=.05))


def test_table(results):
    rows = table.table(results).splitlines()[3:-1]
    cells = [[cell.strip() for cell in row.strip('|').split('|')] for row in rows]
    assert cells[0][:4] == ['STEP, step 3', '100', '0, 1', '81.0 ± 1.4']
    assert cells[0][-2:] == ['0.100', '1.00 M']
    assert cells[1][:4] == [
        'two stages, 1.0 times the training; boxes scored 0.5 and more', '100', '0, 1', '61.0 ± 1.4'
    ]
    assert cells[1][-2:] == ['0.070', '0.75 M']
    assert cells[2][3] == '71.0 ± 1.4' and cells[2][-2:] == ['0.050', '0.25 M']


def test_one_seed_has_no_spread():
    assert table.spread([61.26]) == '61.3'


def test_the_page_has_the_table_of_the_figures():
    results = json.loads((table.FOLDER / 'results.json').read_text(encoding='utf-8'))
    assert table.table(results) in table.PAGE.read_text(encoding='utf-8')


def test_the_backbone_is_that_of_step():
    step, actions = (load_config(str(CONFIGS[part]), None).model.backbone for part in ('step', 'actions'))
    assert dict(actions, type='ResNet3d') == dict(step)


@pytest.mark.parametrize('part', ['persons', 'actions'])
def test_models_are_those_that_were_counted(part):
    results = json.loads((table.FOLDER / 'results.json').read_text(encoding='utf-8'))
    assert sum(p.numel() for p in build(CONFIGS[part]).parameters()) == results['parameters'][part]


def test_key_frames_have_their_boxes(tmp_path):
    (tmp_path / 'videos').mkdir()
    (tmp_path / 'annotations').mkdir()
    writer = cv2.VideoWriter(str(tmp_path / 'videos/a.mp4'), cv2.VideoWriter_fourcc(*'mp4v'), 4, (40, 20))
    for index in range(12):
        writer.write(np.full((20, 40, 3), 20 * index, np.uint8))
    writer.release()
    # A person with two actions is one box.
    lines = ['a,0002,0.1,0.2,0.5,0.8,1,0', 'a,0002,0.1,0.2,0.5,0.8,3,0', 'a,0001,0.5,0.0,1.0,1.0,1,0']
    (tmp_path / 'annotations/mini_val.csv').write_text('\n'.join(lines) + '\n')
    write_key_frames(tmp_path, 'val', tmp_path / 'out')
    content = json.loads((tmp_path / 'out/val.json').read_text())
    assert [image['file_name'] for image in content['images']] == ['val/a_0002.png', 'val/a_0001.png']
    assert [each['bbox'] for each in content['annotations']] == [pytest.approx([4, 4, 16, 12]), [20, 0, 20, 20]]
    assert abs(cv2.imread(str(tmp_path / 'out/val/a_0002.png')).mean() - 20 * 8) < 8
