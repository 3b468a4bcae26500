"""What a data set hands to the model, drawn: key frames, windows, a sheet; the same twice."""
import sys

import cv2
import numpy as np
import pytest
from helpers.video_files import textured_pictures, write_frames

from mmstep.apis.drawing.dataset_view import browse_dataset
from mmstep.apis.new_config import new_config
from mmstep.cli.analysis_tools import browse_dataset as tool
from mmstep.engine.config_files import load_config
from mmstep.errors import LaunchError


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A data set of two videos of four seconds, annotated at seconds and frame by frame."""
    monkeypatch.chdir(tmp_path)
    for kind in ('seconds', 'tubes'):
        (tmp_path / kind / 'videos').mkdir(parents=True)
        for name in ('hall', 'yard'):
            write_frames(tmp_path / kind / 'videos' / f'{name}.mp4', textured_pictures(40), fps=10)
    (tmp_path / 'seconds' / 'a.csv').write_text(''.join(f'{video},{second},.2,.1,.6,.9,walk,{person}\n'
                                                        for video in ('hall', 'yard') for second in (1, 2)
                                                        for person in (0, 1)))
    (tmp_path / 'tubes' / 't.csv').write_text(''.join(f'{video},0,walk,{frame},9,9,40,40\n'
                                                      for video in ('hall', 'yard') for frame in range(5, 15)))
    return dict(
        seconds=new_config('seconds', 'step_tiny_mini-ava').path, tubes=new_config('tubes', 'step_tiny_mini-ucf').path)


def draw(path, folder, split='train', number=2):
    return browse_dataset(load_config(str(path)), str(path), split, str(folder), number)


@pytest.mark.parametrize('kind, names', [('seconds', ['yard_0001', 'yard_0002']),
                                         ('tubes', ['yard_frame000002', 'yard_frame000012'])])
def test_a_picture_of_each_kind_and_a_sheet(mine, tmp_path, kind, names):
    files = draw(mine[kind], 'out')
    assert files == [f'out/{name}_{what}.jpg' for name in names for what in ('key', 'window')] + ['out/sheet.jpg']
    key, window, sheet = (cv2.imread(str(tmp_path / name)) for name in (files[0], files[1], files[-1]))
    assert key.shape == (240, 320, 3) and window.shape[1] > 5 * 240 and sheet.shape[1] > 2 * 240
    again = draw(mine[kind], 'again')
    for one, other in zip(files, again):
        np.testing.assert_array_equal(cv2.imread(one), cv2.imread(other))


def test_persons_are_drawn(mine, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr('mmstep.apis.drawing.dataset_view.draw_persons',
                        lambda picture, boxes, actions, ids: drawn.append((boxes, actions, ids)) or picture)
    draw(mine['seconds'], 'out', 'val', 1)
    boxes, actions, ids = drawn[0]  # the key frame comes first
    np.testing.assert_allclose(boxes[0], [64, 24, 192, 216], atol=1)
    assert actions == [[('walk', None)]] and ids == [0]


def test_wrappers_and_what_is_missing(mine, tmp_path):
    cfg = load_config(str(mine['seconds']))
    cfg.train_dataloader.dataset = dict(type='RepeatDataset', times=3, dataset=cfg.train_dataloader.dataset)
    assert len(browse_dataset(cfg, 'c.py', 'train', 'out', 20)) == 2 * 2 + 1
    with pytest.raises(LaunchError, match='at least one window'):
        draw(mine['seconds'], 'out', number=0)
    cfg.val_dataloader = None
    with pytest.raises(LaunchError, match='c.py has no val_dataloader'):
        browse_dataset(cfg, 'c.py', 'val', 'out', 1)


def test_the_command(mine, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['browse_dataset.py', str(mine['tubes']), 'out', '-p', 'val', '-n', '1'])
    tool.main()
    assert '3 pictures' in capsys.readouterr().out
