"""Results as AVA csv, JSON lines, COCO and MOT files, and back."""
import json

import pytest

from mmstep.apis import write_result, write_results
from mmstep.apis.files.result_writers import (WRITERS, ava_rows, coco_dict, jsonl_rows, mot_rows, read_ava_csv,
                                              read_mot_csv)
from mmstep.apis.persons.video_result import empty_result
from mmstep.errors import LaunchError


def person(number, box, *actions):
    return dict(
        id=number,
        bbox=box,
        actions=[dict(label=label, score=score) for label, score in actions],
        tube=[dict(time=0.9, bbox=box)])


@pytest.fixture
def result():
    """Two persons at 1 s, nobody at 2 s, one at 3.5 s."""
    return empty_result(
        'some/where/a,b ü.mp4',
        fps=25.0,
        width=200,
        height=100,
        classes=['walk', 'sit'],
        class_ids=[12, 11],
        detections=[
            dict(
                time=1.0,
                persons=[
                    person(0, [10.0, 20.0, 60.0, 100.0], ('walk', 0.9), ('sit', 0.5)),
                    person(1, [-2.0, 0.0, 50.5, 40.0], ('sit', 0.75))
                ]),
            dict(time=2.0, persons=[]),
            dict(time=3.5, persons=[person(1, [0.0, 0.0, 50.0, 40.0], ('walk', 0.6))])
        ],
        complete=True)


def test_ava_csv(result, tmp_path):
    rows = ava_rows([result])
    assert rows[0] == ('a,b ü', 1.0, 0.05, 0.2, 0.3, 1.0, 12, 0.9)
    assert [(row.timestamp, row.action_id) for row in rows] == [(1, 12), (1, 11), (1, 11), (3.5, 12)]
    assert rows[2].x1 == 0  # clipped to the frame
    path = write_result(result, str(tmp_path / 'new' / 'r'), 'ava')
    assert path.endswith('r.csv')
    with open(path, encoding='utf-8') as file:
        assert file.readline() == 'a,b ü,1,0.05000,0.20000,0.30000,1.00000,12,0.9000\n'
    for read, row in zip(read_ava_csv(path), rows, strict=True):
        assert read[0] == row[0]
        assert read[1:] == pytest.approx(row[1:], abs=1e-5)


def test_mot(result, tmp_path):
    rows = mot_rows(result)
    assert rows == [(26, 1, 10.0, 20.0, 50.0, 80.0, 0.9, 12, -1), (26, 2, -2.0, 0.0, 52.5, 40.0, 0.75, 11, -1),
                    (89, 2, 0.0, 0.0, 50.0, 40.0, 0.6, 12, -1)]
    path = write_result(result, str(tmp_path / 'r'), 'mot')
    assert read_mot_csv(path) == rows
    with pytest.raises(ValueError, match='one video, got 2'):
        write_results([result, result], path, 'mot')


def test_json_lines(result, tmp_path):
    path = write_result(result, str(tmp_path / 'r'), 'jsonl')
    with open(path, encoding='utf-8') as file:
        rows = [json.loads(line) for line in file]
    assert rows == jsonl_rows([result])
    assert [(row['time'], row['id'], row['actions'][0]['label'])
            for row in rows] == [(1.0, 0, 'walk'), (1.0, 1, 'sit'), (3.5, 1, 'walk')]
    assert rows[0]['video'] == result['video'] and rows[0]['tube'] == [dict(time=0.9, bbox=[10.0, 20.0, 60.0, 100.0])]


def test_coco(result, tmp_path):
    path = write_result(result, str(tmp_path / 'r'), 'coco')
    with open(path, encoding='utf-8') as file:
        content = json.load(file)
    assert content == coco_dict([result])
    assert [(image['id'], image['frame'], image['width'], image['height']) for image in content['images']] == \
        [(1, 25, 200, 100), (2, 50, 200, 100), (3, 88, 200, 100)]
    assert [item['id'] for item in content['annotations']] == [1, 2, 3, 4]
    assert [(item['image_id'], item['category_id'], item['track_id']) for item in content['annotations']] == \
        [(1, 12, 0), (1, 11, 0), (1, 11, 1), (3, 12, 1)]
    assert content['annotations'][0]['bbox'] == [10.0, 20.0, 50.0, 80.0] and content['annotations'][0]['area'] == 4000
    assert content['categories'] == [dict(id=11, name='sit'), dict(id=12, name='walk')]
    other = dict(result, classes=['run', 'sit'])
    with pytest.raises(ValueError, match="class 12 is 'walk' and.*'run'"):
        coco_dict([result, other])


def test_pycocotools_reads_the_coco_form(result, tmp_path):
    pycocotools = pytest.importorskip('pycocotools.coco', reason='MMDetection brings pycocotools')
    path = write_result(result, str(tmp_path / 'r'), 'coco')
    coco = pycocotools.COCO(path)
    assert len(coco.loadRes(coco.dataset['annotations']).anns) == 4


@pytest.mark.parametrize('kind', WRITERS)
def test_nothing_found_and_files_appear_whole(kind, tmp_path):
    path = write_result(empty_result('a.mp4', fps=25.0, classes=['walk'], class_ids=[1]), str(tmp_path / 'r'), kind)
    assert [str(item) for item in tmp_path.iterdir()] == [path]
    if kind in ('json', 'coco'):
        with open(path) as file:
            json.load(file)


def test_several_videos_and_errors(result, tmp_path):
    path = str(tmp_path / 'all.json')
    write_results([result, empty_result('b.mp4', error='cut off')], path, 'json')
    with open(path, encoding='utf-8') as file:
        assert [item['error'] for item in json.load(file)] == [None, 'cut off']
    with pytest.raises(ValueError, match="'xml'; there are json"):
        write_results(result, path, 'xml')
    (tmp_path / 'file').write_text('')
    with pytest.raises(LaunchError, match='cannot be written'):
        write_results(result, str(tmp_path / 'file' / 'a.json'), 'json')
    with pytest.raises(TypeError, match='no field colour'):
        empty_result('a.mp4', colour=1)
