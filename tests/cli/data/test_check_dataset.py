"""The commands that check data before training: tools/data/check_dataset.py and tools/train.py --check."""
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.video_files import grey_pictures, write_frames

from mmstep.cli import train
from mmstep.cli.data import check_dataset
from mmstep.engine.launch import run_tool
from mmstep.video.reading.container import Decoder

CONFIGS = Path(__file__).parents[3] / 'configs/step'
TOOLS = dict(check_dataset=(check_dataset, []), train=(train, ['--check']))
GOOD = {
    'train.csv': [
        'a,1,.1,.2,.4,.9,1,0', 'a,1,.1,.2,.4,.9,2,0', 'a,2,.2,.2,.5,.9,1,0', 'b,1,.5,.2,.9,.9,2,-1',
        'b,3,.5,.2,.9,.9,2,-1'
    ],
    'val.csv': ['c,1,.1,.2,.4,.9,1,0'],
}
CONFIG = """_base_ = ['{base}']
data = dict(label_file='{root}/actions.pbtxt', data_prefix=dict(img='{root}/videos'), num_classes=3, timestamp_start=0)
model = dict(roi_head=dict(bbox_head=dict(num_classes=2, loss_cls=dict(loss_weight=2.))))
class_names = ['stand', 'walk']
train_dataloader = dict(dataset=dict(ann_file='{root}/train.csv', **data))
val_dataloader = dict(dataset=dict(ann_file='{root}/val.csv', **data))
test_dataloader = val_dataloader
val_evaluator = dict(ann_file='{root}/val.csv', label_file='{root}/actions.pbtxt', num_classes=3, groups=None)
test_evaluator = val_evaluator
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a tool on AVA-style data of three videos of four seconds; returns its exit code and what it says."""
    (tmp_path / 'videos').mkdir()
    for name in 'abc':
        write_frames(tmp_path / 'videos' / f'{name}.mp4', grey_pictures(20), fps=5)
    (tmp_path / 'actions.pbtxt').write_text(''.join(f'item {{\n  name: "{name}"\n  id: {label}\n}}\n'
                                                    for label, name in enumerate(('stand', 'walk'), 1)))
    (tmp_path / 'my.py').write_text(CONFIG.format(base=CONFIGS / 'step_tiny_mini-ava.py', root=tmp_path))

    def run(tool, *options, config=tmp_path / 'my.py', **files):
        for name, lines in {**GOOD, **{f'{key}.csv': value for key, value in files.items()}}.items():
            (tmp_path / name).write_text('\n'.join(lines) + '\n')
        module, needed = TOOLS[tool]
        monkeypatch.setattr(sys, 'argv', [f'{tool}.py', str(config), *needed, *options])
        monkeypatch.chdir(tmp_path)
        try:
            run_tool(module.main)
            code = 0
        except SystemExit as error:
            code = error.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.parametrize('tool', TOOLS)
def test_good_data_are_counted(run, tool):
    code, out, err = run(tool)
    assert (code, err) == (0, '')
    lines = [line.strip() for line in out.splitlines()]
    assert lines[0] == 'train_dataloader.dataset:'
    assert 'train.csv: 2 videos, 4 key seconds, 4 persons' in lines[1] and lines[1].startswith('5 lines of ')
    assert [line.split() for line in lines[2:5]] == [['class', 'persons', 'videos'], ['1', 'stand', '2', '1'],
                                                     ['2', 'walk', '3', '2']]
    # Training never reads the test set.
    tested = ', test_dataloader.dataset' if tool == 'check_dataset' else ''
    assert f'val_dataloader.dataset{tested}:' in lines


@pytest.mark.parametrize('tool', TOOLS)
def test_all_faults_of_all_files_at_once(run, tool, tmp_path):
    code, out, err = run(
        tool,
        train=[*GOOD['train.csv'], 'a,2,1.2,.2,.5,.9,1,0', 'd,1,.1,.2,.4,.9,1,0', 'b,-5,.1,.2,.4,.9,1,0'],
        val=['c,1,.1,.2,.4,.9,7,0', 'c,1,.1', *GOOD['val.csv']])
    assert (code, out) == (1, '')
    first, *faults = err.strip().splitlines()
    assert first == f'Error: the data of {tmp_path / "my.py"} has 5 faults:'
    places = sorted(':'.join(fault.removeprefix(f'{tmp_path}/').split(':')[:2]) for fault in faults)
    assert places == ['train.csv:6', 'train.csv:7', 'train.csv:8', 'val.csv:1', 'val.csv:2']
    assert 'box (1.2, 0.2, 0.5, 0.9)' in err and 'the video d (1 lines) is not in' in err and 'action_id 7' in err
    assert 'Traceback' not in err


@pytest.mark.parametrize('tool', TOOLS)
def test_what_is_missing(run, tool, tmp_path):
    (tmp_path / 'actions.pbtxt').unlink()
    code, out, err = run(tool)
    assert (code, out) == (1, '')
    assert f'{tmp_path}/actions.pbtxt  (train_dataloader.label_file, val_dataloader.label_file, ' in err


def test_initial_weights_are_not_data(run, tmp_path):
    weights = "model['backbone'] = dict(init_cfg=dict(type='Pretrained', checkpoint='nowhere.pth'))"
    config = tmp_path / 'weights.py'
    config.write_text('\n'.join([(tmp_path / 'my.py').read_text(), weights]))
    assert run('check_dataset', config=config)[0] == 0
    code, _, err = run('train', config=config)
    assert code == 1 and 'nowhere.pth  (model.backbone.init_cfg)' in err


def test_videos_are_opened_on_request_only(run, tmp_path):
    (tmp_path / 'videos' / 'b.mp4').write_bytes(b'<html>not found</html>' * 20)
    late = [*GOOD['train.csv'], 'a,9,.1,.2,.4,.9,1,0', 'a,10,.1,.2,.4,.9,1,0']
    assert run('check_dataset', train=late)[0] == 0
    code, out, err = run('check_dataset', '--videos', train=late)
    assert (code, out) == (1, '')
    _, *faults = err.strip().splitlines()
    assert len(faults) == 2
    assert 'train.csv:6: second 9 is past the end of' in faults[0]
    assert faults[0].endswith('a.mp4, whose last frame is at 3.80 s (2 such lines)')
    assert 'b.mp4 is not a video that can be read: it is text' in faults[1]


def test_only_the_first_frame_of_a_video_is_decoded(run, monkeypatch):
    decoded = []
    frames = Decoder.frames
    monkeypatch.setattr(Decoder, 'frames', lambda self: (decoded.append(0) or frame for frame in frames(self)))
    assert run('check_dataset', '--videos')[0] == 0 and len(decoded) == 3


TUBE_CONFIG = """_base_ = ['{base}']
data = dict(ann_file='{root}/tubes.pkl', data_prefix=dict(img='{root}/videos'))
model = dict(roi_head=dict(bbox_head=dict(num_classes=2)))
train_dataloader = dict(dataset=data)
val_dataloader = dict(dataset=data)
test_dataloader = val_dataloader
val_evaluator = dict(ann_file='{root}/tubes.pkl')
test_evaluator = val_evaluator
"""


@pytest.mark.parametrize('nframes, fault', [(20, ''), (40, 'a.mp4 has 20 frames, and the annotation of a counts 40')])
def test_lengths_of_tubes(run, tmp_path, nframes, fault):
    rows = np.array([[frame, 5, 5, 20, 30] for frame in range(1, 11)], np.float32)
    content = dict(
        labels=['jump', 'run'],
        gttubes=dict(a={1: [rows]}, b={}),
        nframes=dict(a=nframes, b=20),
        resolution=dict(a=(48, 64), b=(48, 64)),
        train_videos=[['a']],
        test_videos=[['b']])
    (tmp_path / 'tubes.pkl').write_bytes(pickle.dumps(content))
    config = tmp_path / 'tubes.py'
    config.write_text(TUBE_CONFIG.format(base=CONFIGS / 'step_tiny_mini-ucf.py', root=tmp_path))
    assert run('check_dataset', config=config)[0] == 0
    code, out, err = run('check_dataset', '--videos', config=config)
    assert code == (1 if fault else 0) and fault in err
    if not fault:
        assert f'1 tubes of {tmp_path}/tubes.pkl: 1 videos, 20 frames, 10 boxes' in out
