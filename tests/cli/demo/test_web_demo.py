"""demo/web_demo.py without a browser."""
import csv
import errno
import json
import os
import sys
import threading
from pathlib import Path

import cv2
import gradio as gr
import numpy as np
import pytest
import torch
from helpers.square_detector import SquareDetector, square_config, square_left, write_square_video
from mmaction.registry import MODELS
from mmengine.config import Config

from mmstep.apis import VideoSource
from mmstep.cli.demo import web_demo
from mmstep.utils import AtomicFile

ROOT = Path(__file__).parents[3]


@pytest.fixture
def square_files(tmp_path):
    """A config and a checkpoint that fit together."""
    square_config().dump(str(tmp_path / 'square.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), tmp_path / 'square.pth')
    return [str(tmp_path / 'square.py'), str(tmp_path / 'square.pth')]


@pytest.fixture
def page(square_files, tmp_path):
    (tmp_path / 'visits').mkdir()
    models = web_demo.load_models(square_files, 'cpu')
    return web_demo.Page(models, str(tmp_path / 'visits'), 0.1, threading.Event())


@pytest.fixture
def steps_seen():
    """What the progress bar was told."""
    return []


@pytest.fixture
def detect(page, steps_seen):
    return lambda video, **options: page.run(
        video and str(video), options.pop('model', 'square'), options.pop('score_thr', 0.7), lambda step, **_:
        steps_seen.append(step))


def test_video_timeline_and_files(detect, steps_seen, tmp_path):
    found = detect(write_square_video(tmp_path / 'in put ä.mp4', seconds=2.5))
    drawn = VideoSource(found.video)
    assert (drawn.width, drawn.height, len(drawn.times)) == (256, 128, 60)
    code = int(cv2.VideoCapture(found.video).get(cv2.CAP_PROP_FOURCC)).to_bytes(4, 'little')
    assert code == b'VP90' and found.video.endswith('in put ä.webm')
    assert found.summary == '`in put ä.mp4` (2.5 s, 256x128, 24 fps): 1 person: left.'
    bars, = found.timeline.data
    assert (bars.base, bars.x, bars.y) == ((0.0, ), (2.5, ), (['person 0'], ['left']))
    assert found.steps is None
    result = json.loads(Path(found.json).read_text(encoding='utf-8'))
    assert result['complete'] and result['video'] == 'in put ä.mp4' and result['score_thr'] == 0.7
    assert [entry['time'] for entry in result['detections']] == [0, 1, 2]
    with open(found.csv, encoding='utf-8', newline='') as file:
        rows = list(csv.reader(file))
    assert [row[:2] + row[6:] for row in rows] == [['in put ä', str(time), '1', '0.9000'] for time in range(3)]
    for time, row in enumerate(rows):
        left = square_left(time)
        np.testing.assert_allclose([float(value) * 256 for value in (row[2], row[4])], [left, left + 40], atol=4)
    assert steps_seen == [(1, 3), (2, 3), (3, 3), None]


def test_picture_of_the_steps(page, detect, tmp_path):
    config = str(ROOT / 'configs' / 'step' / 'step_tiny_mini-ava.py')
    weights = MODELS.build(Config.fromfile(config).model).state_dict()
    torch.save(dict(state_dict=weights, meta={}), tmp_path / 'tiny.pth')
    page.models = web_demo.load_models([config, str(tmp_path / 'tiny.pth')], 'cpu')
    found = detect(write_square_video(tmp_path / 'a.mp4', seconds=0.5), model='step_tiny_mini-ava', score_thr=0.05)
    # Four rows: the initial tubes and three steps.
    assert cv2.imread(found.steps).shape[0] > 4 * 360


def test_nobody_is_found(detect, tmp_path):
    found = detect(write_square_video(tmp_path / 'a.mp4', seconds=1), score_thr=0.95)
    assert found.summary.endswith('nobody was found. A lower threshold shows more.')
    assert Path(found.csv).read_text() == '' and not found.timeline.data
    assert len(VideoSource(found.video).times) == 24


def test_damaged_file_gives_what_can_be_read(detect, tmp_path):
    whole = Path(write_square_video(tmp_path / 'whole.avi', seconds=3)).read_bytes()
    (tmp_path / 'cut.avi').write_bytes(whole[:len(whole) // 2])
    assert 'The file is damaged from second ' in detect(tmp_path / 'cut.avi').summary


def message(detect, video):
    with pytest.raises(gr.Error) as error:
        detect(video)
    return error.value.message


def test_errors_are_for_people_and_leave_no_files(detect, page, tmp_path, steps_seen):
    (tmp_path / 'text.mp4').write_text('text')
    (tmp_path / 'zero.mp4').touch()
    write_square_video(tmp_path / 'long.mp4', seconds=7)
    assert message(detect, None).startswith('Choose or record a video')
    assert message(detect, tmp_path / 'text.mp4').startswith('text.mp4 is not a video that can be read')
    assert message(detect, tmp_path / 'zero.mp4').startswith('zero.mp4 is empty (0 bytes)')
    assert message(detect, tmp_path / 'long.mp4').startswith('The video lasts 0.1 minutes; this page takes up to 0.1')
    assert not steps_seen
    page.stop.set()
    assert 'stopped' in message(detect, write_square_video(tmp_path / 'a.mp4', seconds=1))
    assert not os.listdir(page.folder) and not page.busy.locked()


def test_playlist_naming_a_file_of_the_server_is_refused(detect, page, tmp_path):
    write_square_video(tmp_path / 'secret.mp4', seconds=1)
    for name in ('a.m3u8', 'a.mp4'):
        (tmp_path / name).write_bytes(b'ffconcat version 1.0\nfile secret.mp4\n#\1\2\n')
        assert message(detect, tmp_path / name).startswith(f'{name} is not a video that can be read')
    assert not os.listdir(page.folder)


def test_unforeseen_failure_is_said(detect, page, tmp_path, monkeypatch):
    monkeypatch.setattr(web_demo, 'paint_run', lambda *args: 1 / 0)
    assert 'The server failed on this video (ZeroDivisionError)' in message(
        detect, write_square_video(tmp_path / 'a.mp4', seconds=1))
    assert not os.listdir(page.folder) and not page.busy.locked()


def test_models_of_one_config_have_different_names(square_files):
    models = web_demo.load_models(square_files * 2, 'cpu')
    assert list(models) == ['square', f'square ({square_files[1]})']


def test_models_come_in_pairs(monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['web_demo.py', 'config.py'])
    with pytest.raises(SystemExit):
        web_demo.parse_args()
    assert 'models come in pairs' in capsys.readouterr().err


def test_a_full_disk_is_said_without_folders_of_the_server(detect, page, tmp_path, monkeypatch):
    video = write_square_video(tmp_path / 'a.mp4', seconds=0.2)

    def fill_the_disk(*_, **__):
        raise OSError(errno.ENOSPC, 'No space left on device', page.folder)

    monkeypatch.setattr(web_demo.tempfile, 'mkdtemp', fill_the_disk)
    assert message(detect, video) == 'The server cannot keep this video: the disk is full. Try again later.'
    monkeypatch.undo()
    monkeypatch.setattr(AtomicFile, 'finish', fill_the_disk)
    assert 'the disk is full' in message(detect, video) and str(tmp_path) not in message(detect, video)
    assert not os.listdir(page.folder) and not page.busy.locked()
