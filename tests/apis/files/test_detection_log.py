"""A JSON file of detections that grows as they come."""
import json
import os

import pytest

from mmstep.apis import DetectionLog, KeyFrame, VideoResult, empty_result
from mmstep.apis.files.detection_log import is_detection_log
from mmstep.errors import LaunchError


def test_log_is_whole_json_in_the_end(walker, tmp_path):
    result = empty_result('ä.mp4')
    with DetectionLog(str(tmp_path / 'sub' / 'o.json'), result) as log:
        log.add(KeyFrame(0.0, [walker(0.04, 0.0, 3)]))
        log.add(KeyFrame(1.0, []))
        result['complete'] = True
    content = json.loads((tmp_path / 'sub' / 'o.json').read_text(encoding='utf-8'))
    assert content['video'] == 'ä.mp4' and content['classes'] == [] and content['complete']
    assert content['broken_from'] is None
    assert [entry['time'] for entry in content['detections']] == [0.0, 1.0]
    found, = content['detections'][0]['persons']
    assert found['id'] == 3 and found['bbox'] == [0.0, 0.0, 10.0, 20.0]
    assert found['actions'] == [dict(label='walk', score=0.9)]
    assert found['tube'][0] == dict(time=-0.333, bbox=[0.0, 0.0, 10.0, 20.0])


def test_log_of_a_broken_off_run_is_whole_json(tmp_path):
    path = tmp_path / 'o.json'
    with pytest.raises(RuntimeError), DetectionLog(str(path), empty_result('a.mp4')) as log:
        log.add(KeyFrame(0.0, []))
        raise RuntimeError
    content = json.loads(path.read_text())
    assert len(content['detections']) == 1 and content['complete'] is False
    assert not list(tmp_path.glob('*.part*'))


def test_what_was_found_is_on_the_disk_at_once_and_the_old_file_stays_until_the_end(tmp_path, walker):
    path = tmp_path / 'o.json'
    path.write_text('old')
    result = empty_result('a.mp4')
    with DetectionLog(str(path), result) as log:
        log.add(KeyFrame(0.0, [walker(5, 0.0)]))
        log.add(KeyFrame(1.0, []))
        other, = set(tmp_path.iterdir()) - {path}
        part = other.read_text(encoding='utf-8')
        assert json.loads(part + ']}')['detections'][1] == dict(time=1.0, persons=[])
        assert path.read_text() == 'old'
        result['broken_from'] = 1.25
    content = json.loads(path.read_text(encoding='utf-8'))
    assert list(content) == list(VideoResult.__annotations__)
    assert content['broken_from'] == 1.25 and content['complete'] is False
    # A key time a line, for tools that go by lines.
    assert path.read_text(encoding='utf-8').count('\n  {"time"') == 2


def test_log_without_a_key_time_is_whole_json(tmp_path):
    DetectionLog(str(tmp_path / 'o.json'), empty_result('a.mp4')).close()
    assert json.loads((tmp_path / 'o.json').read_text())['detections'] == []


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='Linux has a device that is always full')
def test_full_disk_is_named():
    with pytest.raises(LaunchError, match='/dev/full cannot be written: the disk is full'):
        with DetectionLog('/dev/full', empty_result('a.mp4')) as log:
            log.add(KeyFrame(0.0, []))


@pytest.mark.parametrize('text', ['', '{"video": "mine"}', '{\n "shots": [1, 2]\n}\n', '\x00\xff'])
def test_a_log_is_told_from_other_files(tmp_path, text):
    (tmp_path / 'other.json').write_text(text)
    with DetectionLog(str(tmp_path / 'o.json'), empty_result('a.mp4')):
        pass
    assert is_detection_log(str(tmp_path / 'o.json')) and not is_detection_log(str(tmp_path / 'other.json'))
