"""Tests of mmstep.datasets.annotation_formats.via: a project of VIA 3."""
import json

import pytest

from mmstep.datasets.annotation_formats import VideoFolder, read_via
from mmstep.errors import DataError, MissingDataError

PROJECT = {
    'project': {'pname': 'yard'},
    'attribute': {
        '1': {'aname': 'action', 'type': 3, 'options': {'0': 'walk', '1': 'wave'}},
        '2': {'aname': 'id', 'type': 1, 'options': {}},
    },
    'file': {'1': {'fid': '1', 'fname': 'yard.mp4', 'type': 4, 'loc': 1, 'src': ''}},
    'view': {'1': {'fid_list': ['1']}},
    'metadata': {
        'a': {'vid': '1', 'flg': 0, 'z': [1.0], 'xy': [2, 4, 5, 20, 30], 'av': {'1': '0,1', '2': 'Ann'}},
        'b': {'vid': '1', 'flg': 0, 'z': [2.05], 'xy': [2, 6, 5, 20, 30], 'av': {'1': '0', '2': 'Ann'}},
        'c': {'vid': '1', 'flg': 0, 'z': [1.0], 'xy': [2, 40, 5, 10, 30], 'av': {'1': '1'}},
        'segment of time': {'vid': '1', 'flg': 0, 'z': [0.5, 2], 'xy': [], 'av': {'1': '1'}},
        'a point': {'vid': '1', 'flg': 0, 'z': [1.0], 'xy': [1, 40, 5], 'av': {'1': '1'}},
    },
}  # yapf: disable


@pytest.fixture
def project(tmp_path):

    def write(content):
        path = tmp_path / 'via.json'
        path.write_text(json.dumps(content))
        return str(path)

    return write


def test_project(project, videos):
    video, = read_via(project(PROJECT), videos)
    assert (video.name, video.width, video.height, video.num_frames) == ('yard', 64, 48, 30)
    ann, other = video.tracks
    assert (ann.id, ann.frames.tolist()) == (0, [10, 20])
    assert ann.boxes.tolist() == [[4, 5, 24, 35], [6, 5, 26, 35]]
    assert ann.actions == [{'walk', 'wave'}, {'walk'}]
    # Nobody says who this is.
    assert (other.id, other.frames.tolist(), other.actions) == (-1, [10], [{'wave'}])


def test_the_video_is_needed(project):
    with pytest.raises(MissingDataError, match='yard is needed for its size'):
        read_via(project(PROJECT), VideoFolder())


@pytest.mark.parametrize('content', [[], {}, {**PROJECT, 'view': {'1': {}}}, {**PROJECT, 'metadata': {'a': 3}}])
def test_what_is_no_project(project, content, videos):
    with pytest.raises(DataError, match='via.json is no project of VIA 3'):
        read_via(project(content), videos)
