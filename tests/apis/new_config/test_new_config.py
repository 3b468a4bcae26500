"""A config from a folder, by the command and from Python: it trains and tests at once."""
import sys
from pathlib import Path

import pytest
from mmaction.registry import DATASETS, METRICS
from mmengine.config import Config

from mmstep.apis.new_config import new_config
from mmstep.cli.data import new_config as tool
from mmstep.engine.config_agreement import check_agreement
from mmstep.errors import DataError, LaunchError, MissingDataError


@pytest.mark.parametrize('kind', ['actions', 'tubes'])
def test_data_sets_metric_and_model_agree(kind, request):
    request.getfixturevalue(kind)
    written = new_config('mine', {'actions': 'step_tiny_mini-ava', 'tubes': 'step_tiny_mini-ucf'}[kind])
    cfg = Config.fromfile(written.path)
    check_agreement(cfg, str(written.path), ['train', 'val', 'test'])
    packed = DATASETS.build(cfg.train_dataloader.dataset)[0]
    assert len(packed['data_samples'].gt_tubes.labels) == 1
    METRICS.build(cfg.val_evaluator)
    assert written.checkpoint == 'work_dirs/step_mine/iter_600.pth' and Path(written.video).is_file()
    assert written.model_fps == (10 if kind == 'tubes' else None)


def test_the_command_says_what_it_chose(actions, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['new_config.py', 'mine', '--base', 'step_tiny_mini-ava', '--out', 'here/c.py'])
    tool.main()
    said = capsys.readouterr().out
    assert '2 classes: sit, walk' in said and 'mmstep train here/c.py' in said
    assert 'work_dirs/c/iter_600.pth' in said and Path('here/c/train.csv').is_file()
    Path('tools').mkdir()
    Path('tools/train.py').touch()
    monkeypatch.setattr(sys, 'argv', ['new_config.py', 'mine', '--base', 'step_tiny_mini-ava'])
    tool.main()
    assert 'python tools/train.py mine/step_mine.py' in capsys.readouterr().out


def test_nothing_is_overwritten(actions):
    new_config('mine')
    before = {path: path.read_bytes() for path in actions.rglob('*') if path.is_file()}
    with pytest.raises(LaunchError, match='mine/step_mine.py is there already'):
        new_config('mine')
    assert before == {path: path.read_bytes() for path in actions.rglob('*') if path.is_file()}
    (actions / 'step_mine.py').unlink()
    with pytest.raises(LaunchError, match='step_mine/actions.pbtxt is there already'):
        new_config('mine')


def test_what_does_not_fit(actions):
    with pytest.raises(LaunchError, match='no SampleTubeWindow. Try --base step_tiny_mini-ava'):
        new_config('mine', 'step_tiny_mini-ucf')
    with pytest.raises(LaunchError, match='ends with .py'):
        new_config('mine', out='config')
    (actions / 'own.csv').write_text('hall,7,.1,.2,.3,.9,walk,0\n')
    with pytest.raises(DataError, match='second 7 of hall lies past the end of the video'):
        new_config('mine')
    (actions / 'own.csv').write_text('door,0,.1,.2,.3,.9,walk,0\n')
    with pytest.raises(MissingDataError, match='1 of the 1 videos of mine'):
        new_config('mine')
    assert sorted(path.name for path in actions.iterdir()) == ['own.csv', 'videos']
