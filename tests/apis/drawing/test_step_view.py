"""Persons traced back over the steps to their initial tubes."""
import numpy as np
import pytest
import torch
from helpers.square_detector import SquareDetector, write_square_video
from mmaction.registry import MODELS
from mmengine.config import Config

from mmstep.apis import VideoSource, detect_video, paint_steps, require_steps, trace_steps, video_layout
from mmstep.errors import LaunchError


@pytest.fixture(scope='module')
def model():
    cfg = Config.fromfile('configs/step/step_tiny_mini-ava.py')
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).eval()
    model.cfg = cfg
    return model


@pytest.fixture(scope='module')
def source(tmp_path_factory):
    return VideoSource(write_square_video(tmp_path_factory.mktemp('steps') / 'a.mp4', seconds=1.0))


def test_trace_ends_at_what_was_found_and_begins_at_the_grid(model, source):
    layout = video_layout(model.cfg, source)
    key_frame = next(detect_video(model, model.cfg, source, score_thr=0.0))
    for number, person in enumerate(key_frame.persons):
        person.person_id = number + 5
    initial, *steps = trace_steps(model, layout, source, key_frame)
    assert len(steps) == 3 and len(key_frame.persons) > 1
    for persons in (initial, *steps):
        assert [person.person_id for person in persons] == [person.person_id for person in key_frame.persons]
    for person, last in zip(key_frame.persons, steps[-1]):
        np.testing.assert_allclose(last.tube, person.tube, atol=1e-2)
        assert last.actions[0][1] == pytest.approx(person.score, abs=1e-4)
    # The sides of the grid's boxes: all, three quarters and half of the picture.
    for person in initial:
        assert person.actions == []
        width, height = person.bbox[2:] - person.bbox[:2]
        assert min(abs(width / 256 - side) for side in (1, 0.75, 0.5)) < 0.01
        assert width / height == pytest.approx(2, abs=0.01)


def test_picture_has_a_row_for_the_grid_and_each_step(model, source):
    layout = video_layout(model.cfg, source)
    key_frame = next(detect_video(model, model.cfg, source, score_thr=0.0))
    for number, person in enumerate(key_frame.persons):
        person.person_id = number
    trace = trace_steps(model, layout, source, key_frame)
    picture = paint_steps(source, [key_frame] * 2, [trace] * 2, height=100)
    assert picture.shape[0] > 4 * 100 and picture.shape[1] > 2 * 200


def test_nobody_found(model, source):
    key_frame = next(detect_video(model, model.cfg, source, score_thr=1.0))
    trace = trace_steps(model, video_layout(model.cfg, source), source, key_frame)
    assert trace == [[], [], [], []]
    assert paint_steps(source, [key_frame], [trace], height=100).shape[0] > 400


def test_model_without_steps():
    with pytest.raises(LaunchError, match='ProgressiveRoIHead'):
        require_steps(SquareDetector())
