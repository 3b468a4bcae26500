"""The command that cuts annotated videos in two in time."""
import pickle
import sys

import cv2
import numpy as np
import pytest
import split_in_time

from mmstep.datasets import read_tube_annotations


def test_kept_frames():
    parts = split_in_time.kept_frames(10, 0.6, 1)
    assert parts['first'].tolist() == [1, 2, 3, 4, 5, 6] and parts['rest'].tolist() == [7, 8, 9, 10]
    assert split_in_time.kept_frames(10, 0.6, 3)['rest'].tolist() == [7, 10]


@pytest.fixture
def data(tmp_path):
    """A video of 10 frames, each as bright as 20 times its number, with a tube in all and one in the first three."""
    (tmp_path / 'videos').mkdir()
    writer = cv2.VideoWriter(str(tmp_path / 'videos/a.avi'), cv2.VideoWriter_fourcc(*'MJPG'), 25, (32, 24))
    for index in range(10):
        writer.write(np.full((24, 32, 3), 20 * (index + 1), np.uint8))
    writer.release()
    rows = np.array([[frame, frame, 2, 20, 20] for frame in range(1, 11)], np.float32)
    content = dict(
        labels=['run', 'sit'],
        gttubes=dict(a={
            0: [rows],
            1: [rows[:3]]
        }),
        nframes=dict(a=10),
        train_videos=[['a']],
        test_videos=[['a']],
        resolution=dict(a=(24, 32)))
    (tmp_path / 'subset.pkl').write_bytes(pickle.dumps(content))
    return tmp_path


def run(monkeypatch, *options):
    monkeypatch.setattr(sys, 'argv', ['split_in_time.py', *map(str, options)])
    split_in_time.main()


def test_pictures_and_boxes_of_a_part_belong_together(data, monkeypatch):
    run(monkeypatch, data / 'subset.pkl', data / 'videos', '--out', data / 'out', '--every', 2)
    shown = {}
    for part in ('first', 'rest'):
        paths = sorted((data / 'out/frames' / f'a_{part}').iterdir())
        assert [path.name for path in paths] == [f'{number:05d}.jpg' for number in range(1, len(paths) + 1)]
        shown[part] = [round(cv2.imread(str(path)).mean() / 20) for path in paths]
    assert shown == dict(first=[1, 3, 5], rest=[7, 9])
    path = str(data / 'out/annotations.pkl')
    train, test = read_tube_annotations(path, subset='train'), read_tube_annotations(path, subset='test')
    assert train.videos == ['a_first'] and test.videos == ['a_rest']
    # Frames count anew, boxes are those of the frame that was taken: their left edge is its number.
    assert train.rows[:, :2].tolist() == [[1, 1], [2, 3], [3, 5], [1, 1], [2, 3]]
    assert train.tube_label.tolist() == [0, 1]
    assert test.rows[:, :2].tolist() == [[1, 7], [2, 9]] and test.tube_label.tolist() == [0]


@pytest.mark.parametrize('option, value', [('--share', 1), ('--every', 0)])
def test_settings_out_of_range(data, monkeypatch, capsys, option, value):
    with pytest.raises(SystemExit):
        run(monkeypatch, data / 'subset.pkl', data / 'videos', '--out', data / 'out', option, value)
    assert option in capsys.readouterr().err and not (data / 'out').exists()
