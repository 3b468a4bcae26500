"""Detection along a video: key times, windows, batches."""
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.square_detector import SquareDetector, square_config, square_left, write_square_video
from mmengine.config import Config

from mmstep.apis import VideoSource, detect_video, init_detector, key_times
from mmstep.errors import LaunchError

CONFIGS = Path(__file__).parents[3] / 'configs' / 'step'


def run(path, cfg=None, model=None, **kwargs):
    return list(detect_video(model or SquareDetector(), cfg or square_config(), VideoSource(path), **kwargs))


@pytest.mark.parametrize('last,stride,times', [(2.96, 1.0, [0, 1, 2]), (2.9995, 1.0, [0, 1, 2, 3]), (0.0, 1.0, [0]),
                                               (0.96, 0.4, [0, 0.4, 0.8])])
def test_key_times(last, stride, times):
    np.testing.assert_allclose(key_times(last, stride), times)


@pytest.mark.parametrize('fps', [8, 24, 60])
def test_boxes_are_where_and_when_the_square_is(tmp_path, fps):
    key_frames = run(write_square_video(tmp_path / 'a.mp4', seconds=4, fps=fps))
    assert [key_frame.time for key_frame in key_frames] == [0, 1, 2, 3]
    for key_frame in key_frames:
        person, = key_frame.persons
        left = square_left(key_frame.time)
        np.testing.assert_allclose(person.bbox, [left, 30, left + 40, 70], atol=4)
        assert person.actions == [('left', pytest.approx(0.9)), ('right', pytest.approx(0.6))]
        assert len(key_frame.steps) == 2
    middle, = key_frames[2].persons
    for time, box in zip(middle.tube_times, middle.tube):
        left = square_left(time)
        # A source of 8 fps shows each frame for an eighth of a second.
        np.testing.assert_allclose(box, [left, 30, left + 40, 70], atol=4 if fps > 8 else 5)


@pytest.mark.parametrize('seconds', [0, 0.2, 1.1])
def test_videos_shorter_than_a_window(tmp_path, seconds):
    key_frames = run(write_square_video(tmp_path / 'a.mp4', seconds=seconds))
    assert len(key_frames) == (2 if seconds > 1 else 1)
    np.testing.assert_allclose(key_frames[0].persons[0].bbox, [10, 30, 50, 70], atol=4)


def test_batches_give_the_same_result(tmp_path):
    path = write_square_video(tmp_path / 'a.mp4', seconds=2)
    model = SquareDetector()
    single, batched = run(path, stride_seconds=0.5), run(path, model=model, stride_seconds=0.5, batch_size=3)
    assert model.batch_sizes == [3, 1]
    assert [k.to_dict() for k in single] == [k.to_dict() for k in batched]


def test_reading_ahead_changes_nothing(tmp_path, monkeypatch):
    path = write_square_video(tmp_path / 'a.mp4', seconds=3)
    found = [key_frame.to_dict() for key_frame in run(path, stride_seconds=0.5, batch_size=2)]
    monkeypatch.setitem(detect_video.__globals__, 'ahead', lambda items, count: items)
    assert found == [key_frame.to_dict() for key_frame in run(path, stride_seconds=0.5, batch_size=2)]


def test_windows_are_read_while_the_model_runs(tmp_path):
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=3))
    read, model = source.frames_at, SquareDetector()
    threads, next_window = set(), threading.Event()

    def frames_at(times):
        threads.add(threading.current_thread())
        if times[0] > 1.5:  # of the second window alone
            next_window.set()
        return read(times)

    source.frames_at = frames_at
    detect = model.test_step
    model.test_step = lambda data: detect(data) if next_window.wait(10) else pytest.fail('nothing was read ahead')
    found = detect_video(model, square_config(), source)
    next(found)
    found.close()
    thread, = threads
    assert thread is not threading.main_thread() and not thread.is_alive()


def test_a_failure_to_read_comes_after_the_windows_before_it(tmp_path):
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=4))
    read = source.frames_at

    def frames_at(times):
        if times[0] > 2.5:
            raise OSError('the disk is gone')
        return read(times)

    source.frames_at = frames_at
    found = []
    with pytest.raises(OSError, match='the disk is gone'):
        for key_frame in detect_video(SquareDetector(), square_config(), source):
            found.append(key_frame.time)
    assert found == [0, 1]


def test_damage_found_on_the_way_ends_the_detection(tmp_path):
    source = VideoSource(write_square_video(tmp_path / 'a.mp4', seconds=4))
    key_frames = []
    for key_frame in detect_video(SquareDetector(), square_config(), source):
        key_frames.append(key_frame)
        if len(key_frames) == 1:
            source.times = source.times[:30]  # as after an undecodable frame 30, 1.25 s
    assert [key_frame.time for key_frame in key_frames] == [0, 1]


def test_unnamed_classes_get_numbers(tmp_path):
    cfg = square_config()
    cfg.pop('class_names')
    key_frame, = run(write_square_video(tmp_path / 'a.mp4', seconds=0), cfg)
    assert [label for label, _ in key_frame.persons[0].actions] == ['class 1', 'class 2']


def test_configs_that_do_not_fit_are_refused(tmp_path):
    path = write_square_video(tmp_path / 'a.mp4', seconds=0)
    with pytest.raises(LaunchError, match='names 3 classes.*model has 2'):
        run(path, square_config(class_names=('a', 'b', 'c')))
    cfg = square_config()
    cfg.test_pipeline.insert(4, dict(type='CenterCrop', crop_size=8))
    with pytest.raises(LaunchError, match='CenterCrop'):
        run(path, cfg)
    cfg = square_config()
    cfg.test_pipeline.pop(1)
    with pytest.raises(LaunchError, match='SampleTubeWindow'):
        run(path, cfg)
    with pytest.raises(LaunchError, match='test_pipeline'):
        run(path, Config(dict(model=dict())))


@pytest.mark.parametrize('stride,batch_size', [(None, 1), (0.5, 1), (0.5, 3), (4.0, 2)])
def test_a_start_in_the_middle_gives_the_same_to_the_last_bit(tmp_path, stride, batch_size):
    torch.manual_seed(0)
    path = write_square_video(tmp_path / 'a.mp4', seconds=9, speed=15)
    cfg = Config.fromfile(CONFIGS / 'step_tiny_mini-ava.py')
    model = init_detector(cfg, None, 'cpu')
    options = dict(cfg=cfg, model=model, stride_seconds=stride, batch_size=batch_size, score_thr=0.0)
    whole = run(path, **options)
    for start in (1, len(whole) - 1, len(whole)):
        part = run(path, start=start, **options)
        assert len(part) == len(whole) - start
        for found, expected in zip(part, whole[start:]):
            assert found.time == expected.time and len(found.persons) == len(expected.persons) > 0
            for one, other in zip(found.persons, expected.persons):
                assert one.actions == other.actions
                np.testing.assert_array_equal(one.tube, other.tube)
