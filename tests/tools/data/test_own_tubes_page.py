"""The lines to paste for per-frame tubes in tools/data/README.md do what the page says."""
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmaction.registry import DATASETS
from mmengine.config import Config

from mmstep.datasets.tube_annotations import read_tube_annotations

ROOT = Path(__file__).parents[3]


def blocks():
    """The Python blocks of the section: the script and the config."""
    text = (ROOT / 'tools' / 'data' / 'README.md').read_text().split('## Tubes: every frame annotated')[1]
    return re.findall(r'```python\n(.*?)```', text, re.DOTALL)[:2]


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """Six videos of 20 frames of 64x48; in each somebody walks, in the last somebody runs as well."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / 'data' / 'mine' / 'videos'
    folder.mkdir(parents=True)
    lines = []
    for name in 'abcdef':
        writer = cv2.VideoWriter(str(folder / f'{name}.avi'), cv2.VideoWriter_fourcc(*'MJPG'), 25, (64, 48))
        for _ in range(20):
            writer.write(np.zeros((48, 64, 3), np.uint8))
        writer.release()
        lines += [f'{name},0,walk,{frame},10,5,30,45' for frame in range(15, 4, -1)]
    lines += [f'f,1,run,{frame},0,0,64,48' for frame in (1, 2)]
    (tmp_path / 'data' / 'mine' / 'tubes.csv').write_text('\n'.join(lines))
    return tmp_path


def test_script_and_config(mine, capsys):
    script, config = blocks()
    exec(compile(script, 'README.md', 'exec'), {})
    assert capsys.readouterr().out == '7 tubes of 2 classes in 6 videos: run, walk\n'
    train = read_tube_annotations('data/mine/tubes.pkl', 1, 'train')
    assert train.videos == ['b', 'c', 'd', 'e'] and train.nframes.tolist() == [20] * 4
    assert train.resolution[0].tolist() == [48, 64]
    np.testing.assert_array_equal(train.rows[0], [5, 10, 5, 29, 44])
    test = read_tube_annotations('data/mine/tubes.pkl', 1, 'test')
    assert test.videos == ['a', 'f'] and sorted(test.tube_label.tolist()) == [0, 1, 1]

    (mine / 'my_tubes.py').write_text(config.replace("_base_ = ['", f"_base_ = ['{ROOT}/configs/step/"))
    cfg = Config.fromfile(mine / 'my_tubes.py')
    assert cfg.model.roi_head.bbox_head.num_classes == 2 and cfg.test_evaluator.ann_file == 'data/mine/tubes.pkl'
    packed = DATASETS.build(cfg.train_dataloader.dataset)[0]
    assert packed['inputs'].shape == (3, 30, 128, 128) and packed['data_samples'].gt_tubes.labels.tolist() == [1]
    assert DATASETS.build(cfg.val_dataloader.dataset).truth.videos == ['a', 'f']
