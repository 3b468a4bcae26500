"""Tests of mmstep.datasets.annotation_formats.reading: how programs say an action, and where videos lie."""
import pytest

from mmstep.datasets.annotation_formats import VideoFolder, actions_of
from mmstep.datasets.annotation_formats.reading import read_json, stem
from mmstep.errors import DataError, MissingDataError


@pytest.mark.parametrize('label, attributes, attribute, actions', [
    ('jump', {}, None, {'jump'}),
    ('Person', {}, None, set()),
    ('person', {
        'walk': 'true',
        'wave': 'false'
    }, None, {'walk', 'wave'} - {'wave'}),
    ('person', {
        'action': 'talk',
        'mood': 'none'
    }, None, {'talk'}),
    ('person', {
        'actions': 'talk, walk'
    }, None, {'talk', 'walk'}),
    ('person', {
        'action': 'talk',
        'shirt': 'red'
    }, 'action', {'talk'}),
    ('jump', {
        'shirt': 'red'
    }, 'action', set()),
])
def test_actions(label, attributes, attribute, actions):
    assert actions_of(label, attributes, attribute) == actions


def test_names_of_videos():
    assert stem('/data/upload/1/kitchen_01.mp4') == 'kitchen_01'
    assert stem('C:\\films\\yard.avi') == 'yard'


def test_a_missing_video_says_what_it_is_for(tmp_path):
    with pytest.raises(MissingDataError, match='video yard is needed for its size: it is not in'):
        VideoFolder(tmp_path).get('yard', 'its size')
    with pytest.raises(MissingDataError, match='give the folder of the videos'):
        VideoFolder().get('yard', 'its size')
    with pytest.raises(MissingDataError, match='none does not exist'):
        VideoFolder(tmp_path / 'none')


def test_json(tmp_path):
    path = tmp_path / 'a.json'
    path.write_text('[1, 2')
    with pytest.raises(DataError, match='a.json is not JSON'):
        read_json(str(path))
    with pytest.raises(MissingDataError, match='b.json does not exist'):
        read_json(str(tmp_path / 'b.json'))
