"""What the page does with a video, without a browser."""
import csv
import errno
import json
import os
import threading
from pathlib import Path

import cv2
import gradio as gr
import numpy as np
import pytest
import torch
from helpers.square_detector import square_left, write_square_video
from mmaction.registry import MODELS
from mmengine.config import Config

from mmstep.apis import Detection, KeyFrame, VideoSource
from mmstep.cli.demo import web_demo
from mmstep.cli.demo.page import visit
from mmstep.utils import AtomicFile

ROOT = Path(__file__).parents[4]


class Visit:
    """Somebody who uses the page; notes what the progress bar said."""

    def __init__(self, page, model='square'):
        self.page, self.model = page, model
        self.told, self.halt = [], threading.Event()
        self.halt_at = {}

    def progress(self, step, desc, unit=None):
        self.told.append((desc, step))
        if self.halt_at.get(desc) == step:
            self.halt.set()

    def detect(self, video):
        return self.page.detect(video and str(video), self.model, self.progress, self.halt)

    def see(self, found, score_thr=0.7):
        shown = self.page.show(found, score_thr)
        return shown, self.page.draw(found, shown, self.progress, self.halt)


@pytest.fixture
def visitor(page):
    return Visit(page)


def test_video_timeline_and_files(visitor, tmp_path):
    found = visitor.detect(write_square_video(tmp_path / 'in put ä.mp4', seconds=2.5))
    shown, files = visitor.see(found)
    drawn = VideoSource(files.video)
    assert (drawn.width, drawn.height, len(drawn.times)) == (256, 128, 60)
    code = int(cv2.VideoCapture(files.video).get(cv2.CAP_PROP_FOURCC)).to_bytes(4, 'little')
    assert code == b'VP90' and files.video.endswith('in put ä.webm')
    assert visit.summarize(shown.result, found.until) == '`in put ä.mp4` (2.5 s, 256x128, 24 fps): 1 person: left.'
    track, = shown.tracks
    assert (track['id'], track['actions']) == (0, [dict(label='left', score=0.9, start=0.0, end=2.5)])
    assert shown.steps == []
    result = json.loads(Path(files.json).read_text(encoding='utf-8'))
    assert result['complete'] and result['video'] == 'in put ä.mp4' and result['score_thr'] == 0.7
    assert [entry['time'] for entry in result['detections']] == [0, 1, 2]
    with open(files.csv, encoding='utf-8', newline='') as file:
        rows = list(csv.reader(file))
    assert [row[:2] + row[6:] for row in rows] == [['in put ä', str(time), '1', '0.9000'] for time in range(3)]
    for time, row in enumerate(rows):
        left = square_left(time)
        np.testing.assert_allclose([float(value) * 256 for value in (row[2], row[4])], [left, left + 40], atol=4)
    # Every phase tells how far it is.
    phases = [[(phase, (number, 3)) for number in (1, 2, 3)] for phase in ('detecting', 'drawing')]
    assert visitor.told == [*phases[0], *phases[1], ('writing the results', None)]


def test_another_threshold_needs_no_model(visitor, tmp_path):
    found = visitor.detect(write_square_video(tmp_path / 'a.mp4', seconds=1.5))
    model = found.run.model
    windows = len(model.batch_sizes)
    seen = {thr: visitor.page.show(found, thr) for thr in (0.95, 0.7, 0.3)}
    assert len(model.batch_sizes) == windows == 2
    actions = {
        thr: [item['label'] for track in shown.tracks for item in track['actions']]
        for thr, shown in seen.items()
    }
    assert actions == {0.95: [], 0.7: ['left'], 0.3: ['left', 'right']}
    # As a run with that threshold says it.
    with visitor.page.models['square'].pipeline(found.run.source.path, score_thr=0.3) as run:
        direct = [key_frame.to_dict() for key_frame in run]
    assert seen[0.3].result['detections'] == direct


def test_stop_keeps_what_was_found(visitor, tmp_path):
    visitor.halt_at = dict(detecting=(2, 5))
    found = visitor.detect(write_square_video(tmp_path / 'a.mp4', seconds=5))
    assert found.until == 2 and not visitor.halt.is_set()
    shown, files = visitor.see(found)
    assert len(VideoSource(files.video).times) == 48
    assert not json.loads(Path(files.json).read_text())['complete']
    assert visit.summarize(shown.result, found.until).endswith('this is what was found in the first 2.0 s.')
    # And of the drawing.
    visitor.halt_at = dict(drawing=(2, 2))
    _, files = visitor.see(found)
    assert len(VideoSource(files.video).times) == 24 and len(Path(files.csv).read_text().splitlines()) == 2


def test_steps_as_pictures(page, tmp_path):
    config = str(ROOT / 'configs' / 'step' / 'step_tiny_mini-ava.py')
    weights = MODELS.build(Config.fromfile(config).model).state_dict()
    torch.save(dict(state_dict=weights, meta={}), tmp_path / 'tiny.pth')
    page.models = web_demo.load_models([config, str(tmp_path / 'tiny.pth')], 'cpu')
    visitor = Visit(page, 'step_tiny_mini-ava')
    found = visitor.detect(write_square_video(tmp_path / 'a.mp4', seconds=0.5))
    row, = page.show(found, 0.05).steps
    # The initial tubes and three steps.
    assert row.time == 0 and len(row.pictures) == 4 and row.pictures[0].shape == (240, 480, 3)
    assert ('looking at the steps', (1, 1)) in visitor.told
    for persons in row.persons:
        assert [person.person_id for person in persons] == list(range(len(persons)))
    best = max(person.score for person in found.run.key_frames[0].persons)
    assert page.show(found, best + 1e-3).steps == []


def key_frame(time, *scores):
    box = np.zeros(4)
    return KeyFrame(time, [Detection(box, [('walk', score)], box[None], np.zeros(1)) for score in scores])


def test_the_best_key_time_of_each_part():
    frames = [key_frame(0, .2), key_frame(1, .9, .1), key_frame(2), key_frame(3), key_frame(4, .3), key_frame(5, .3)]
    assert visit.best_key_frames(frames, 3) == [1, 4]
    assert visit.best_key_frames(frames[:2], 4) == [0, 1]
    assert visit.best_key_frames([], 4) == []


def test_nobody_is_found(visitor, tmp_path):
    found = visitor.detect(write_square_video(tmp_path / 'a.mp4', seconds=1))
    shown, files = visitor.see(found, 0.95)
    assert visit.summarize(shown.result).endswith('nobody was found. A lower threshold shows more.')
    assert Path(files.csv).read_text() == '' and not shown.tracks
    assert len(VideoSource(files.video).times) == 24


def test_damaged_file_gives_what_can_be_read(visitor, tmp_path):
    whole = Path(write_square_video(tmp_path / 'whole.avi', seconds=3)).read_bytes()
    (tmp_path / 'cut.avi').write_bytes(whole[:len(whole) // 2])
    shown, _ = visitor.see(visitor.detect(tmp_path / 'cut.avi'))
    assert 'The file is damaged from second ' in visit.summarize(shown.result)


def message(work, *args):
    with pytest.raises(gr.Error) as error:
        work(*args)
    return error.value.message


def test_errors_are_for_people_and_leave_no_files(visitor, page, tmp_path):
    (tmp_path / 'text.mp4').write_text('text')
    (tmp_path / 'zero.mp4').touch()
    write_square_video(tmp_path / 'long.mp4', seconds=7)
    detect = visitor.detect
    assert message(detect, None).startswith('Choose or record a video')
    assert message(detect, tmp_path / 'text.mp4').startswith('text.mp4 is not a video that can be read')
    assert message(detect, tmp_path / 'zero.mp4').startswith('zero.mp4 is empty (0 bytes)')
    too_long = message(detect, tmp_path / 'long.mp4')
    assert too_long.startswith('The video lasts 0.1 minutes; this page takes up to 0.1')
    assert not visitor.told
    page.stop.set()
    assert 'stopped' in message(detect, write_square_video(tmp_path / 'a.mp4', seconds=1))
    assert not os.listdir(page.folder) and not page.busy.locked()


def test_a_video_that_has_been_removed_is_not_drawn_again(visitor, page, tmp_path):
    found = visitor.detect(write_square_video(tmp_path / 'a.mp4', seconds=0.5))
    (tmp_path / 'a.mp4').unlink()
    assert 'a.mp4' in message(visitor.see, found) and not page.busy.locked()


def test_playlist_naming_a_file_of_the_server_is_refused(visitor, page, tmp_path):
    write_square_video(tmp_path / 'secret.mp4', seconds=1)
    for name in ('a.m3u8', 'a.mp4'):
        (tmp_path / name).write_bytes(b'ffconcat version 1.0\nfile secret.mp4\n#\1\2\n')
        assert message(visitor.detect, tmp_path / name).startswith(f'{name} is not a video that can be read')
    assert not os.listdir(page.folder)


def test_unforeseen_failure_is_said(visitor, page, tmp_path, monkeypatch):
    found = visitor.detect(write_square_video(tmp_path / 'a.mp4', seconds=1))
    monkeypatch.setattr(visit, 'write_result', lambda *args: 1 / 0)
    assert 'The server failed on this video (ZeroDivisionError)' in message(visitor.see, found)
    assert not os.listdir(page.folder) and not page.busy.locked()


def test_a_full_disk_is_said_without_folders_of_the_server(visitor, page, tmp_path, monkeypatch):
    video = write_square_video(tmp_path / 'a.mp4', seconds=0.2)
    found = visitor.detect(video)

    def fill_the_disk(*_, **__):
        raise OSError(errno.ENOSPC, 'No space left on device', page.folder)

    with monkeypatch.context() as patch:
        patch.setattr(visit.tempfile, 'mkdtemp', fill_the_disk)
        said = message(visitor.detect, video)
    assert said == 'The server cannot keep this video: the disk is full. Try again later.'
    monkeypatch.setattr(AtomicFile, 'finish', fill_the_disk)
    said = message(visitor.see, found)
    assert 'the disk is full' in said and str(tmp_path) not in said
    assert not os.listdir(page.folder) and not page.busy.locked()
