"""Tests of mmstep.datasets.annotation_formats.results: detections as tracks to correct."""
import json

import pytest

from mmstep.datasets.annotation_formats.results import read_result
from mmstep.errors import DataError


def person(who, x, label='walk'):
    return dict(id=who, bbox=[x, 0, x + 10, 20], actions=[dict(label=label, score=.9)], tube=[])


RESULT = dict(
    video='in/yard.mp4', error=None, fps=10., width=64, height=48, duration=5., stride_seconds=1.,
    detections=[dict(time=1., persons=[person(3, 0)]), dict(time=2., persons=[person(3, 20, 'wave')]),
                dict(time=4., persons=[person(3, 40), person(None, 5)])])  # yapf: disable


def write(tmp_path, content):
    path = tmp_path / 'yard.json'
    path.write_text(json.dumps(content))
    return str(path)


def test_boxes_between_key_times(tmp_path):
    video, = read_result(write(tmp_path, RESULT))
    assert (video.name, video.width, video.height, video.num_frames, video.fps) == ('yard', 64, 48, 50, 10)
    stranger, walker = video.tracks
    # Half a second before the first key time and after the last; away between seconds 2 and 4.
    assert walker.frames.tolist() == [*range(5, 26), *range(35, 46)]
    at = dict(zip(walker.frames.tolist(), walker.boxes[:, 0].tolist()))
    assert (at[5], at[10], at[15], at[20], at[25], at[40]) == (0, 0, 10, 20, 20, 40)
    assert walker.actions[0] == {'walk'} and walker.actions[16] == {'wave'}
    assert stranger.frames.tolist() == [*range(35, 46)]


@pytest.mark.parametrize('change, said', [
    (dict(error='cut off'), 'holds no result: cut off'),
    (dict(fps=None), 'is no JSON file of the inferencer'),
    (dict(detections=[dict(time=1)]), 'is no JSON file of the inferencer'),
])
def test_what_is_no_result(tmp_path, change, said):
    with pytest.raises(DataError, match=f'yard.json {said}'):
        read_result(write(tmp_path, {**RESULT, **change}))


def test_without_identities_each_is_somebody_else(tmp_path):
    moments = [dict(time=float(time), persons=[person(None, 0), person(None, 20)]) for time in range(1, 4)]
    video, = read_result(write(tmp_path, {**RESULT, 'detections': moments}))
    assert len(video.tracks) == 6
