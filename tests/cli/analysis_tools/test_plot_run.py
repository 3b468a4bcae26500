"""The command that plots runs and dumps, for AVA's form and for tubes."""
import json
import pickle
import sys

import numpy as np
import pytest

from mmstep.cli.analysis_tools import plot_run
from mmstep.errors import LaunchError

CONFIG = """
test_evaluator = dict(type='StepwiseAVAMetric', num_steps=1, ann_file='val.csv', label_file='a.pbtxt', num_classes=3,
                      exclude_file=None)
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, 'argv', ['plot_run.py', *arguments, '--out', 'out.png'])
        plot_run.main()
        assert (tmp_path / 'out.png').stat().st_size > 1000
        return capsys.readouterr().out

    return run


@pytest.fixture
def dump(tmp_path):
    """A person who walks, detected as walking, and one who sits, not found."""
    (tmp_path / 'c.py').write_text(CONFIG)
    (tmp_path / 'val.csv').write_text('yard,1,.1,.1,.5,.5,1,0\nyard,2,.1,.1,.5,.5,2,0\n')
    (tmp_path / 'a.pbtxt').write_text('item {\n name: "walk"\n id: 1\n}\nitem {\n name: "sit"\n id: 2\n}\n')
    windows = []
    for second, score in ((1, .9), (2, .1)):
        found = dict(bboxes=np.float32([[.1, .1, .5, .5]]), scores=np.float32([[0, score, .05]]))
        windows.append(dict(video_id='yard', timestamp=second, pred_instances_step1=found, pred_instances=found))
    (tmp_path / 'out.pkl').write_bytes(pickle.dumps(windows))


def test_losses_of_runs(run, tmp_path):
    for name in ('a', 'b'):
        folder = tmp_path / name / 'time' / 'vis_data'
        folder.mkdir(parents=True)
        (folder / 'scalars.json').write_text('{"step": 1, "loss": 2}\n{"step": 2, "loss": 1}\n')
    run('loss', 'a', 'b')
    with pytest.raises(LaunchError, match='no run has lr; they have loss'):
        run('loss', 'a', '--keys', 'lr')


def test_precisions_of_classes(run, tmp_path):
    (tmp_path / 'a.json').write_text(json.dumps({'step3/AP/walk': .5}))
    run('ap', 'a.json')
    with pytest.raises(LaunchError, match='a.json has no step1/AP/CLASS'):
        run('ap', 'a.json', '--step', '1')


@pytest.mark.parametrize('kind, said', [('iou', '"step 1": 0.5'), ('errors', '"missed": '), ('confusion', 'out.png')])
def test_dumps_of_ava(run, dump, kind, said):
    assert said in run(kind, 'c.py', 'out.pkl')
