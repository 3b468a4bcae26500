"""The configs in configs/step/components.md train, each by MMAction2's own tools/train.py, on the mini data set."""
import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import mmaction
import mmdet
import pytest
from helpers.mini_forms import ROOT, make_mini
from helpers.mini_overrides import ITERATIONS, OVERRIDES, make_small
from mmengine.config import Config

PAGE = (ROOT / 'configs/step/components.md').read_text(encoding='utf-8')
BLOCKS = {Path(path).stem: (path, text) for path, text in re.findall(r'```python\n# (\S+\.py)\n(.*?)```', PAGE, re.S)}
# A loss that the component takes part in, and a figure of the validation after it.
LOGGED = {
    'step': ('s3.loss_bbox', 'step3/overall'),
    'slowonly': ('loss_action_cls', 'mAP/overall'),
    'faster-rcnn': ('loss_bbox', 'coco/bbox_mAP'),
    'cascade-rcnn': ('s2.loss_bbox', 'coco/bbox_mAP'),
    'inception-i3d': ('loss_cls', 'acc/top1'),
}


def train_script(package):
    """The tools/train.py in a package's wheel."""
    return Path(package.__file__).parent / '.mim/tools/train.py'


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    """The mini data set in all forms."""
    folder = tmp_path_factory.mktemp('mini')
    make_mini(folder)
    return folder


@pytest.fixture
def save_block(tmp_path):
    """Saves a block where its first line says, beside a copy of the configs."""
    shutil.copytree(ROOT / 'configs', tmp_path / 'configs')

    def save(name):
        path, text = BLOCKS[name]
        (tmp_path / path).write_text(text, encoding='utf-8')
        return tmp_path / path

    return save


def test_every_block_is_tried():
    assert set(BLOCKS) == set(OVERRIDES)
    assert PAGE.count('```python') == len(BLOCKS)


@pytest.mark.parametrize('name', BLOCKS)
def test_blocks_import_nothing_but_the_package(name, save_block):
    cfg = Config.fromfile(str(save_block(name)))
    assert cfg.custom_imports == dict(imports=['mmstep'], allow_failed_imports=False)


@pytest.mark.slow
@pytest.mark.parametrize('name', BLOCKS)
def test_blocks_train(name, save_block, data, tmp_path):
    cfg = Config.fromfile(str(save_block(name)))
    make_small(cfg, name, str(data))
    cfg.dump(str(tmp_path / 'mini.py'))
    script = train_script(mmdet if name.startswith('cascade-rcnn') else mmaction)
    command = [sys.executable, str(script), 'mini.py', '--work-dir', 'out']
    # Nothing of the project but what the config imports, as for a package installed elsewhere.
    env = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONPATH': str(ROOT)}
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]

    log, = (tmp_path / 'out').glob('*/vis_data/scalars.json')
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    trained = [line for line in lines if 'loss' in line]
    loss, metric = next(pair for start, pair in LOGGED.items() if name.startswith(start))
    assert len(trained) == ITERATIONS
    assert all(math.isfinite(line['loss']) and math.isfinite(line[loss]) for line in trained)
    assert metric in lines[-1]
    assert (tmp_path / f'out/iter_{ITERATIONS}.pth').is_file()
