"""tools/fuse_results.py on dumped predictions, as a user runs it."""
import json
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mmstep.cli import fuse_results
from mmstep.engine.launch import run_tool
from mmstep.errors import LaunchError
from mmstep.evaluation.files import read_dump

ROOT = Path(__file__).parents[2]
A, B, FAR = [10, 10, 50, 50], [10, 10, 50, 42], [60, 60, 90, 90]
FRAMES, CLIP, SIZE = 24, 4, 100


def prediction(*rows, length=CLIP):
    """Still tubes with their scores of two classes, as DumpDetections writes them."""
    boxes = np.array([box for box, _ in rows], dtype=np.float32).reshape(-1, 4)
    scores = np.array([[0, *scores] for _, scores in rows], dtype=np.float32).reshape(-1, 3)
    return dict(tubes=np.repeat(boxes[:, None], length, axis=1), scores=scores, bboxes=boxes / SIZE)


def window(start, **steps):
    return dict(video_id='v', clip_start=start, img_key=f'v,{start:06d}', img_shape=(SIZE, SIZE), **steps)


def windows(*rows, **kwargs):
    """All windows of the video with the same prediction at either of two steps."""
    found = prediction(*rows, **kwargs)
    return [
        window(start, pred_instances=found, pred_instances_step1=found, pred_instances_step2=found)
        for start in range(1, FRAMES - CLIP + 2, 2)
    ]


RGB = windows((A, [.6, .0]), (FAR, [.0, .9]))
FLOW = windows((B, [.8, .0]))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A video of one actor, box A, class 0, with a config and two dumps."""
    monkeypatch.chdir(tmp_path)
    rows = np.array([[frame, 10, 10, 49, 49] for frame in range(1, FRAMES + 1)], dtype=np.float64)
    content = dict(
        labels=['run', 'jump'],
        gttubes={'v': {
            0: [rows]
        }},
        nframes={'v': FRAMES},
        train_videos=[[]],
        test_videos=[['v']],
        resolution={'v': (SIZE, SIZE)})
    (tmp_path / 'gt.pkl').write_bytes(pickle.dumps(content))
    (tmp_path / 'a.py').write_text(
        "default_scope = 'mmaction'\n"
        "custom_imports = dict(imports=['mmstep'])\n"
        "weights = dict(type='Pretrained', checkpoint='not_needed.pth')\n"
        "model = dict(type='StreamFusion', streams=[dict(model=dict(init_cfg=weights))])\n"
        "test_dataloader = dict(dataset=dict(ann_file='not_needed.pkl'))\n"
        f"test_evaluator = dict(type='TubeMetric', ann_file='gt.pkl', clip_len={CLIP}, num_steps=2)\n")
    for name, samples in (('rgb', RGB), ('flow', FLOW)):
        (tmp_path / f'{name}.pkl').write_bytes(pickle.dumps(samples))
    return tmp_path


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, 'argv', ['fuse_results.py', *map(str, arguments)])
    run_tool(fuse_results.main)


def test_mean_by_hand(folder, monkeypatch, capsys):
    run(monkeypatch, 'a.py', 'rgb.pkl', 'flow.pkl', '--out', 'late.pkl')
    printed = capsys.readouterr().out
    figures = json.loads(printed[printed.index('{'):printed.index('}') + 1])
    assert figures['step1/frame-mAP@0.5'] == pytest.approx(1) and figures['step2/video-mAP@0.5'] == pytest.approx(1)
    assert '11 fused windows are in late.pkl' in printed
    fused = read_dump(str(folder / 'late.pkl'))
    assert [sample['img_key'] for sample in fused] == [sample['img_key'] for sample in RGB]
    for sample in fused:
        for step in ('pred_instances', 'pred_instances_step1', 'pred_instances_step2'):
            # Paired boxes are averaged, scores too; what one stream alone has counts half.
            np.testing.assert_allclose(sample[step]['scores'], [[0, .7, 0], [0, 0, .45]], rtol=1e-6)
            np.testing.assert_allclose(sample[step]['tubes'][:, 0], [[10, 10, 50, 46], FAR], rtol=1e-6)


def test_union_keeps_the_better_of_each_pair(folder, monkeypatch):
    run(monkeypatch, 'a.py', 'rgb.pkl', 'flow.pkl', '--mode', 'union', '--out', 'union.pkl')
    for sample in read_dump(str(folder / 'union.pkl')):
        np.testing.assert_allclose(sample['pred_instances']['scores'], [[0, 0, .9], [0, .8, 0]], rtol=1e-6)
        np.testing.assert_allclose(sample['pred_instances']['tubes'][:, 0], [FAR, B], rtol=1e-6)


def test_fused_dumps_can_be_fused_and_scored_again(folder, monkeypatch, capsys):
    run(monkeypatch, 'a.py', 'rgb.pkl', 'rgb.pkl', 'rgb.pkl', '--out', 'same.pkl')
    again = read_dump(str(folder / 'same.pkl'))
    np.testing.assert_allclose(again[0]['pred_instances']['scores'], [[0, 0, .9], [0, .6, 0]], rtol=1e-6)
    run(monkeypatch, 'a.py', 'same.pkl', 'flow.pkl', '--out', 'more.pkl')
    assert 'fused windows are in more.pkl' in capsys.readouterr().out


@pytest.mark.parametrize('samples, message', [
    (FLOW[1:], r'1 windows are in only one of rgb.pkl and other.pkl, for instance v,000001'),
    ([window(1, pred_instances=prediction()) for _ in FLOW[:1]] + FLOW[1:], 'other steps'),
    ([dict(sample, img_shape=(128, 128)) for sample in FLOW], r'size of the input: \(100, 100\) and \(128, 128\)'),
    (windows((A, [.5, .5]), length=12), r'other frames of a tube, number of classes: \[\(4, 2\)'),
    ([dict(img_key='v,000001')], 'other.pkl holds no list of predictions'),
    ({}, 'other.pkl holds no list of predictions'),
])
def test_what_does_not_fit_is_named(folder, monkeypatch, capsys, samples, message):
    (folder / 'other.pkl').write_bytes(pickle.dumps(samples))
    with pytest.raises(SystemExit) as end:
        run(monkeypatch, 'a.py', 'rgb.pkl', 'other.pkl', '--out', 'late.pkl')
    assert end.value.code == 1
    assert re.search(message, capsys.readouterr().err)
    assert not (folder / 'late.pkl').exists()


@pytest.mark.parametrize('arguments, message', [
    (['rgb.pkl', '--out', 'late.pkl'], 'at least two dumps'),
    (['rgb.pkl', 'flow.pkl', '--out', 'late.json'], 'must end with .pkl'),
    (['rgb.pkl', 'flow.pkl', '--mode', 'max', '--out', 'late.pkl'], 'invalid choice'),
    (['rgb.pkl', 'gone.pkl', '--out', 'late.pkl'], 'gone.pkl'),
    (['rgb.pkl', 'flow.pkl', '--out', 'rgb.pkl'], 'rgb.pkl is the file that is read'),
    (['rgb.pkl', 'flow.pkl', '--out', './gt.pkl'], 'gt.pkl is the file that is read'),
])
def test_wrong_arguments(folder, monkeypatch, capsys, arguments, message):
    with pytest.raises(SystemExit) as end:
        run(monkeypatch, 'a.py', *arguments)
    assert end.value.code != 0 and message in capsys.readouterr().err


@pytest.mark.slow
def test_on_the_command_line(folder):
    command = [sys.executable, ROOT / 'tools/fuse_results.py', 'a.py', 'rgb.pkl', 'flow.pkl', '--out', 'late.pkl']
    first = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    command = [sys.executable, ROOT / 'tools/analysis_tools/eval_dump.py', 'a.py', 'late.pkl', '--out', 'late.json']
    subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(first[first.index('{'):first.index('}') + 1]) == json.loads((folder / 'late.json').read_text())


@pytest.mark.parametrize('name', ['tubes', 'scores'])
def test_dumps_that_are_not_finite(name):
    good, bad = (windows((A, [.5, .1]))[0] for _ in range(2))
    bad['pred_instances_step2'] = {**bad['pred_instances_step2'], name: bad['pred_instances_step2'][name] * np.nan}
    with pytest.raises(LaunchError, match='b.pkl holds scores or boxes that are not finite, of window v,'):
        fuse_results.check_samples([good, bad], ['a.pkl', 'b.pkl'], good['img_key'])
