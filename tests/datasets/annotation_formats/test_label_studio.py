"""Tests of mmstep.datasets.annotation_formats.label_studio: an export of video tracks."""
import copy
import json

import pytest

from mmstep.datasets.annotation_formats import read_label_studio
from mmstep.errors import DataError

BOX = dict(x=25, y=50, width=50, height=25, rotation=0, time=0)
EXPORT = [{
    'data': {'video': '/data/upload/1/0123abcd-yard.mp4'},
    'annotations': [
        {'was_cancelled': True, 'result': []},
        {'was_cancelled': False, 'result': [
            {'type': 'videorectangle', 'id': 'x', 'value': {
                'framesCount': 30, 'labels': ['walk'], 'sequence': [
                    {**BOX, 'frame': 1, 'enabled': True}, {**BOX, 'x': 35, 'frame': 11, 'enabled': False},
                    {**BOX, 'frame': 29, 'enabled': True}]}},
            {'type': 'choices', 'value': {}},
        ]},
    ],
}]  # yapf: disable


def write(tmp_path, content):
    path = tmp_path / 'export.json'
    path.write_text(json.dumps(content))
    return str(path)


def test_export(tmp_path, videos):
    video, = read_label_studio(write(tmp_path, EXPORT), videos)
    assert (video.name, video.width, video.height) == ('yard', 64, 48)
    track, = video.tracks
    # Frame 1 to 11, which is the last one of the first stretch; then to the end.
    assert track.frames.tolist() == [*range(11), 28, 29]
    assert track.boxes[0].tolist() == [16, 24, 48, 36]
    assert track.boxes[5].tolist() == pytest.approx([19.2, 24, 51.2, 36])
    assert set(track.actions) == {frozenset(['walk'])}


def test_what_is_no_export(tmp_path, videos):
    with pytest.raises(DataError, match='export.json is no export "JSON" of Label Studio'):
        read_label_studio(write(tmp_path, {'tasks': 3}), videos)
    broken = copy.deepcopy(EXPORT)
    del broken[0]['annotations'][1]['result'][0]['value']['sequence'][0]['x']
    with pytest.raises(DataError, match='export.json: a region of yard is not as Label Studio writes it'):
        read_label_studio(write(tmp_path, broken), videos)
