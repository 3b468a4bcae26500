"""Tests of mmstep.apis.archive.resumable_inference.

Detection in a file of an archive; what was found before the run was killed counts.
"""
import os
from functools import partial

import pytest
import torch
from helpers.square_detector import SquareDetector, square_config, write_square_video

from mmstep.apis import STEPInferencer, VideoSource
from mmstep.apis.archive import archive_run
from mmstep.apis.archive.archive_run import ArchiveRun
from mmstep.apis.archive.key_frame_journal import KeyFrameJournal
from mmstep.apis.archive.resumable_inference import infer_file
from mmstep.apis.files.parquet_results import ABOUT, result_table
from mmstep.utils import write_image

OPTIONS = dict(stride=0.5, score_thr=0.3, batch_size=2, model_fps=None)


class Killed(BaseException):
    """As kill -9, nothing catches it."""


@pytest.fixture
def inferencer(tmp_path):
    square_config().dump(str(tmp_path / 'config.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), tmp_path / 'model.pth')
    return STEPInferencer(str(tmp_path / 'config.py'), str(tmp_path / 'model.pth'), 'cpu', show_progress=False)


def infer(inferencer, out, folder, video, **options):
    run = ArchiveRun(str(out), {})
    result = infer_file(inferencer, run, str(folder), video, **OPTIONS, **options)
    run.add(video, result)
    return result


def kill_after(monkeypatch, inferencer, batches):
    left = [batches]

    def test_step(data):
        if not left[0]:
            raise Killed
        left[0] -= 1
        return SquareDetector.test_step(inferencer.model, data)

    monkeypatch.setattr(inferencer.model, 'test_step', test_step)


@pytest.mark.parametrize('broken', [False, True])
def test_killed_in_the_middle_of_a_video_again_and_again(inferencer, tmp_path, monkeypatch, broken):
    monkeypatch.setattr(archive_run, 'KeyFrameJournal', partial(KeyFrameJournal, interval=0))
    path = write_square_video(tmp_path / 'a ü.mp4', seconds=6)
    if broken:  # the index at the end stays
        with open(path, 'r+b') as file:
            file.seek(os.path.getsize(path) // 3)
            file.write(bytes(os.path.getsize(path) // 3))
    whole = infer(inferencer, tmp_path / 'whole', tmp_path, 'a ü.mp4')
    windows = sum(inferencer.model.batch_sizes)
    inferencer.model.batch_sizes.clear()
    for _ in range(3):
        with monkeypatch.context() as patch:
            kill_after(patch, inferencer, 2)
            try:
                infer(inferencer, tmp_path / 'killed', tmp_path, 'a ü.mp4')
            except Killed:
                continue
            break
    result = infer(inferencer, tmp_path / 'killed', tmp_path, 'a ü.mp4')
    assert result == whole and len(whole['detections']) > 1
    names = ['detections/a ü.mp4.parquet']
    assert all((tmp_path / 'killed' / name).read_bytes() == (tmp_path / 'whole' / name).read_bytes() for name in names)
    assert not list((tmp_path / 'killed').glob('unfinished/*'))
    # A resumed run does the batch before again, no more.
    assert sum(inferencer.model.batch_sizes) <= windows + 4 * OPTIONS['batch_size']


def test_same_as_the_inferencer(inferencer, tmp_path):
    path = write_square_video(tmp_path / 'a.mp4', seconds=3)
    result = infer(inferencer, tmp_path / 'out', tmp_path, 'a.mp4')
    usual, = inferencer([path], **OPTIONS)['predictions']
    assert result_table(result).equals(result_table(usual)) and len(result_table(result)) > 0
    assert {key: result[key] for key in ABOUT} == {key: usual[key] for key in ABOUT}


def test_errors_are_results(inferencer, tmp_path):
    assert 'does not exist' in infer(inferencer, tmp_path / 'out', tmp_path, 'gone.mp4')['error']
    name = os.fsdecode(b'caf\xe9.mp4')
    write_square_video(tmp_path / 'a.mp4', seconds=1)
    os.rename(tmp_path / 'a.mp4', tmp_path / name)
    assert 'not valid UTF-8' in infer(inferencer, tmp_path / 'out', tmp_path, name)['error']
    errors = ArchiveRun(str(tmp_path / 'out'), {}).summarise(['gone.mp4', name])
    assert list(errors) == ['caf\\udce9.mp4', 'gone.mp4']


def test_a_folder_of_pictures(inferencer, tmp_path):
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=2, fps=12))
    (tmp_path / 'film').mkdir()
    for index, time in enumerate(source.times):
        write_image(tmp_path / 'film' / f'{index}.png', source.frames_at([time])[0])
    video, pictures = (infer(inferencer, tmp_path / 'out', tmp_path, name, fps=12) for name in ('a.mp4', 'film'))
    assert pictures['error'] is None and pictures['detections'] == video['detections'] != []
    assert 'give fps=' in infer(inferencer, tmp_path / 'out', tmp_path, 'film')['error']
