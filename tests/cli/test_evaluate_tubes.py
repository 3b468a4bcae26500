"""The command of tools/evaluate_tubes.py."""
import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.tube_cases import random_case

from mmstep.cli import evaluate_tubes
from mmstep.engine.launch import run_tool
from mmstep.evaluation import evaluate_tubelets
from mmstep.evaluation.files import write_npz

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tool(monkeypatch, capsys):
    """Runs the command in this process: exit code, output, errors."""

    def run(*args):
        monkeypatch.setattr(sys, 'argv', ['evaluate_tubes.py', *map(str, args)])
        code = 0
        try:
            run_tool(evaluate_tubes.main)
        except SystemExit as error:
            code = error.code
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def data(tmp_path):
    write_npz(str(tmp_path / 'all.npz'), *random_case(0))
    return tmp_path / 'all.npz'


@pytest.mark.parametrize('preset', ['act', 'moc'])
def test_figures(tool, data, tmp_path, preset):
    code, out, err = tool(data, data, '--rules', preset, '--json', tmp_path / 'figures.json', '--errors',
                          tmp_path / 'errors.png')
    assert code == 0, err
    figures = json.loads((tmp_path / 'figures.json').read_text())
    expected = evaluate_tubelets(*random_case(0), rules=preset, video_iou_thrs=[.05, .1, .2, .5, .75])
    assert figures['rules'] == figures['preset'] == preset
    assert figures['frame']['0.5']['mAP'] == pytest.approx(expected.frame[.5]['mAP'])
    for thr in (.05, .1, .2, .5, .75):
        assert figures['video'][f'{thr:g}'] == dict(
            mAP=pytest.approx(expected.video[thr]['mAP']),
            classes={
                name: value
                for name, value in expected.video[thr].items() if name != 'mAP'
            })
    assert figures['video']['0.2']['classes']['class2'] is None and 'absent' in out
    assert figures['video-mAP@0.5:0.95'] == pytest.approx(expected.figures()['video-mAP@0.5:0.95'])
    assert set(figures['errors']) == {'class0', 'class1', 'mean'}
    assert f'{100 * expected.frame[.5]["mAP"]:.4f}' in out and 'video-mAP@0.5:0.95' in out
    assert (tmp_path / 'errors.png').read_bytes()[:4] == b'\x89PNG'


def test_options_change_the_figures(tool, data, tmp_path):

    def frame_map(*options):
        assert tool(data, data, '--json', tmp_path / 'figures.json', *options)[0] == 0
        return json.loads((tmp_path / 'figures.json').read_text())['frame']

    usual = frame_map()
    assert frame_map('--voc')['0.5']['mAP'] != usual['0.5']['mAP']
    assert frame_map('--continuous', '--frame-iou', '0.75')['0.75'] != usual['0.5']
    assert tool(data, data, '--trim', '0.5', '--stride', '1')[0] == 0


def test_wrong_files(tool, data, tmp_path):
    code, _, err = tool(tmp_path / 'none.npz', data)
    assert code == 1 and 'file of annotations' in err and 'none.npz does not exist' in err and 'Traceback' not in err
    arrays = dict(np.load(data))
    np.savez(tmp_path / 'wrong.npz', **{**arrays, 'det_video': arrays['det_video'] + 7})
    code, _, err = tool(data, tmp_path / 'wrong.npz')
    assert code == 1 and 'wrong.npz: det_video, row 0 (7): is not among the 3 videos' in err


@pytest.mark.parametrize('options, message', [
    (['--rules', 'ucf'], 'invalid choice'),
    (['--video-iou', '50'], 'thresholds must be in (0, 1], got 50'),
    (['--trim', '-1'], '--trim must not be negative'),
    (['--stride', '0'], '--stride must be at least 1'),
    (['--json', 'no/such/folder/a.json'], 'the folder no/such/folder of the output'),
    (['--errors', 'a.xyz'], '--errors draws .png, .pdf or .svg, got a.xyz'),
])
def test_wrong_options(tool, data, options, message):
    code, _, err = tool(data, data, *options)
    assert code == 2 and message in err


def test_old_name_of_the_rules(tool, data, tmp_path):
    code, _, err = tool(data, data, '--preset', 'moc', '--json', tmp_path / 'figures.json')
    assert code == 0 and '--preset is deprecated, its name is --rules now' in err
    assert json.loads((tmp_path / 'figures.json').read_text())['rules'] == 'moc'


def test_rules_are_shown(tool):
    code, out, _ = tool('--show-rules')
    assert code == 0 and 'multisports' in out and 'second' in out


def test_dump_against_an_annotation_file(tool, tmp_path):
    rows = np.array([[frame, 10, 10, 60, 60] for frame in range(1, 21)], dtype=np.float32)
    truth = dict(labels=['a'], gttubes=dict(v={0: [rows]}), nframes=dict(v=20), resolution=dict(v=(100, 200)))
    (tmp_path / 'gt.pkl').write_bytes(pickle.dumps(dict(truth, test_videos=[['v']])))
    boxes = torch.tensor([[10 / 200, 10 / 100, 60 / 200, 60 / 100]])
    windows = [
        dict(video_id='v.mp4', timestamp=frame, pred_instances=dict(bboxes=boxes, scores=torch.tensor([[.9]])))
        for frame in range(1, 21)
    ]
    (tmp_path / 'dump.pkl').write_bytes(pickle.dumps(windows))
    code, out, err = tool(tmp_path / 'gt.pkl', tmp_path / 'dump.pkl', '--rules', 'multisports')
    assert code == 0, err
    assert out.count('100.0000') >= 5 and 'video-mAP@0.1:0.9' in out


def test_detections_on_ava(tool, tmp_path):
    (tmp_path / 'names.pbtxt').write_text('item {\n  name: "walk"\n  id: 1\n}\nitem {\n  name: "run"\n  id: 2\n}\n')
    (tmp_path / 'gt.csv').write_text('v,902,0,0,0.5,1,1,0\nv,902,0,0,0.5,1,2,0\n')
    (tmp_path / 'found.csv').write_text('v,902,0,0,0.5,1,1,0.9\n')
    words = [tmp_path / 'gt.csv', tmp_path / 'found.csv']
    code, _, err = tool(*words, '--label-file', tmp_path / 'names.pbtxt', '--json', tmp_path / 'figures.json')
    assert code == 0, err
    figures = json.loads((tmp_path / 'figures.json').read_text())
    assert figures['overall'] == 1 and figures['mAP_all_classes'] == 0.5 and figures['AP/run'] == 0
    assert 'label-file is needed' in tool(*words)[2]


@pytest.mark.slow
def test_as_a_user_runs_it(data):
    command = [sys.executable, 'tools/evaluate_tubes.py', str(data), str(data), '--rules', 'moc']
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 'frame-mAP@0.5' in done.stdout and 'class0' in done.stdout


@pytest.mark.parametrize('option', ['--json', '--errors'])
def test_output_that_is_an_input(tool, data, tmp_path, option):
    link = tmp_path / 'link.png'
    link.symlink_to(data)
    content = data.read_bytes()
    code, _, err = tool(data, data, option, link)
    assert code == 1 and 'link.png is the file that is read' in err and data.read_bytes() == content
