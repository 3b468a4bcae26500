"""Tests of mmstep.datasets.annotation_formats.mot: MOTChallenge's csv and COCO's JSON for video."""
import json

import pytest

from mmstep.datasets.annotation_formats import read_coco_video, read_mot
from mmstep.errors import DataError, MissingDataError

COCO = {
    'categories': [{'id': 1, 'name': 'walk'}, {'id': 2, 'name': 'wave'}],
    'videos': [{'id': 5, 'name': 'yard.mp4', 'fps': 10, 'length': 30}],
    'images': [{'id': 100 + i, 'video_id': 5, 'frame_id': i, 'width': 64, 'height': 48} for i in range(3)],
    'annotations': [
        {'id': 1, 'image_id': 100, 'category_id': 1, 'instance_id': 2, 'bbox': [1, 2, 10, 20]},
        {'id': 2, 'image_id': 102, 'category_id': 1, 'instance_id': 2, 'bbox': [3, 2, 10, 20]},
        {'id': 3, 'image_id': 102, 'category_id': 2, 'instance_id': 2, 'bbox': [3, 2, 10, 20]},
    ],
}  # yapf: disable


def mot(tmp_path, text):
    folder = tmp_path / 'yard' / 'gt'
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'gt.txt').write_text(text)
    (folder / 'labels.txt').write_text('walk\nwave\n')
    return str(folder / 'gt.txt')


def test_mot(tmp_path, videos):
    path = mot(tmp_path, '2,7,1,2,10,20,1,1,1\n2,7,1,2,10,20,1,2,1\n1,7,0,2,10,20,1,1,1\n3,7,0,0,9,9,0,1,1\n')
    video, = read_mot(path, videos)
    assert (video.name, video.num_frames) == ('yard', 30)
    track, = video.tracks
    assert (track.id, track.frames.tolist()) == (7, [0, 1])
    assert track.boxes.tolist() == [[0, 2, 10, 22], [1, 2, 11, 22]]
    assert track.actions == [{'walk'}, {'walk', 'wave'}]


@pytest.mark.parametrize('line', ['1,7,0,2,10', '1,7,0,2,ten,20,1,1,1', '1,7,0,2,10,20,1,9,1', '0,7,0,2,10,20,1,1,1',
                                  '1,7,nan,2,10,20,1,1,1', '1e400,7,0,2,10,20,1,1,1'])  # yapf: disable
def test_wrong_lines_of_mot(tmp_path, videos, line):
    with pytest.raises(DataError, match='gt.txt:2: not frame, id, x'):
        read_mot(mot(tmp_path, f'1,7,0,2,10,20,1,1,1\n{line}\n'), videos)


def test_mot_needs_names(tmp_path, videos):
    (tmp_path / 'gt.txt').write_text('1,7,0,2,10,20,1,1,1\n')
    with pytest.raises(MissingDataError, match='labels.txt does not exist: it holds the names of the classes'):
        read_mot(str(tmp_path / 'gt.txt'), videos)


def test_coco(tmp_path):
    path = tmp_path / 'coco.json'
    path.write_text(json.dumps(COCO))
    video, = read_coco_video(str(path))
    assert (video.name, video.width, video.height, video.num_frames, video.fps) == ('yard', 64, 48, 30, 10)
    track, = video.tracks
    assert (track.id, track.frames.tolist()) == (2, [0, 2])
    assert track.boxes[1].tolist() == [3, 2, 13, 22]
    assert track.actions == [{'walk'}, {'walk', 'wave'}]


@pytest.mark.parametrize('change', [
    dict(images=[]),
    dict(categories=None),
    dict(annotations=[dict(COCO['annotations'][0], bbox=[1, 2])]),
    dict(annotations=[dict(COCO['annotations'][0], bbox=[1, 2, float('nan'), 4])]),
])
def test_what_is_no_coco_file(tmp_path, change):
    path = tmp_path / 'coco.json'
    path.write_text(json.dumps({**COCO, **change}))
    with pytest.raises(DataError, match='coco.json is no COCO file of videos'):
        read_coco_video(str(path))
