"""Runs of studies: each once, several at once, resumed after an interruption, shared by studies."""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mmaction.registry import MODELS
from mmengine.registry import init_default_scope
from studies import schedule
from studies.results import collect, figure, read_results, write_results
from studies.runs import last_iteration, plan
from studies.study_file import ROOT, read_study

# Take the place of tools/train.py and tools/test.py: count how often they are called.
TRAIN = """
import sys
from pathlib import Path
folder = Path(sys.argv[sys.argv.index('--work-dir') + 1])
with open(folder / 'calls.txt', 'a') as file:
    file.write('train ')
if (folder.parents[1] / 'fail').exists():
    sys.exit(3)
(folder / 'iter_1200.pth').touch()
"""
TEST = """
import json, sys
from pathlib import Path
folder = Path(sys.argv[sys.argv.index('--work-dir') + 1])
(folder / 'now').mkdir(exist_ok=True)
figures = {'step1/overall': 0.5, 'step3/overall': 0.75, 'step3/AP/walk': 1., 'time': 1.}
(folder / 'now' / 'now.json').write_text(json.dumps(figures))
"""
STUDY = """
title = paper = 'a'
figure = 'overall'
seeds = (0, 1)
variants = dict(
    plain=dict(config='step_tiny_mini-ava.py'),
    pruned=dict(config='step_tiny_mini-ava.py', options={'model.roi_head.test_cfg.prune': dict(score_thr=.5)}),
    swapped=dict(config='step_tiny_mini-ava.py', trained_as='plain',
                 options={'model.roi_head.temporal_extension.type': 'Replicate'}))
"""


@pytest.fixture
def study(tmp_path, monkeypatch):
    (tmp_path / 'tools').mkdir()
    (tmp_path / 'tools/train.py').write_text(TRAIN)
    (tmp_path / 'tools/test.py').write_text(TEST)
    (tmp_path / 'mine.py').write_text(STUDY)
    monkeypatch.setattr(schedule, 'ROOT', tmp_path)
    return read_study('mine', tmp_path)


def test_variants_that_differ_in_testing_share_a_training(study, tmp_path):
    scorings = plan(study, tmp_path)
    assert [scoring.variant.name for scoring in scorings] == ['plain', 'pruned', 'swapped'] * 2
    assert [scoring.seed for scoring in scorings] == [0] * 3 + [1] * 3
    assert len({training.key for scoring in scorings for training in scoring.trainings}) == 2  # a seed each


@pytest.mark.slow
def test_weights_fill_a_variant_that_extends_in_another_way(study, tmp_path):
    swapped = plan(study, tmp_path, ['swapped'], [0])[0]
    init_default_scope('mmaction')
    assert swapped.cfg.model.roi_head.temporal_extension.type == 'Replicate'
    trained, scored = (MODELS.build(cfg.model).state_dict() for cfg in (swapped.trainings[0].cfg, swapped.cfg))
    assert {name: value.shape for name, value in scored.items()} == {n: v.shape for n, v in trained.items()}


@pytest.mark.slow
def test_everything_is_run_once(study, tmp_path):
    scorings = plan(study, tmp_path)
    assert schedule.work_off(scorings, jobs=2) == []
    assert schedule.work_off(scorings, jobs=2) == []
    calls = [path.read_text() for path in tmp_path.glob('runs/*/calls.txt')]
    assert calls == ['train ', 'train ']
    results = read_results(tmp_path / 'none.json')
    collect(results, scorings)
    write_results(results, tmp_path / 'results.json')
    results = read_results(tmp_path / 'results.json')
    assert figure(results, 'mine', 'pruned', 1, 'overall') == 75
    assert figure(results, 'mine', 'plain', 0, 'overall', step=1) == 50
    record, = {(r['iterations'], r['config']) for r in results['trainings'].values()}
    assert record == (1200, 'configs/step/step_tiny_mini-ava.py')


@pytest.mark.slow
def test_what_fails_is_named_and_the_rest_goes_on(study, tmp_path):
    (tmp_path / 'fail').touch()
    failures = schedule.work_off(plan(study, tmp_path), jobs=2)
    assert len(failures) == 2 and 'exit code 3' in failures[0] and 'train.log' in failures[0]
    (tmp_path / 'fail').unlink()
    assert schedule.work_off(plan(study, tmp_path), jobs=2) == []


def test_iteration_of_a_log(tmp_path):
    log = tmp_path / 'train.log'
    assert last_iteration(log) == 0
    log.write_text('Iter(train) [  20/1200]  lr: 1\nIter(train) [  40/1200]  lr: 1\nSaving checkpoint\n')
    assert last_iteration(log) == 40


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != 'linux', reason='prctl is of Linux')
def test_runs_end_with_a_killed_tool(tmp_path):
    script = f"""
import subprocess, sys
sys.path[:0] = [{str(ROOT / 'tools/analysis_tools')!r}]
from studies.schedule import _end_with_parent
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(100)'], preexec_fn=_end_with_parent)
print(child.pid, flush=True)
child.wait()
"""
    parent = subprocess.Popen([sys.executable, '-c', script], stdout=subprocess.PIPE, text=True,
                              env=dict(os.environ, PYTHONPATH=str(ROOT)))  # yapf: disable
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        if not is_running(child):
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    raise AssertionError('the run goes on')


def is_running(pid):
    try:
        return ') Z ' not in Path(f'/proc/{pid}/stat').read_text()
    except OSError:
        return False


def test_a_results_file_is_json_of_a_line_a_run(tmp_path):
    results = dict(trainings={'a-seed0': dict(seed=0)}, scores={'mine': {'plain': {'0': dict(figures={})}}})
    write_results(results, tmp_path / 'results.json')
    text = (tmp_path / 'results.json').read_text()
    assert json.loads(text) == results and len(text.splitlines()) == 6
