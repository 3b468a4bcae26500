"""The command that makes the mini data set, on tiny sets."""
import json
import pickle
import sys
from collections import defaultdict

import cv2
import make_mini
import numpy as np
import pytest
from actions import ACTIONS

SMALL = ['--size', '64', '--num-train', '2', '--num-val', '1', '--num-heldout', '1', '--seconds', '5']


def run(monkeypatch, out, *options, workers=2):
    """Runs the command and returns its exit code."""
    command = ['make_mini.py', '--out', str(out), *SMALL, '--workers', str(workers), *options]
    monkeypatch.setattr(sys, 'argv', command)
    return make_mini.main()


def decode(path):
    reader, frames = cv2.VideoCapture(str(path)), []
    while True:
        good, image = reader.read()
        if not good:
            return np.array(frames)
        frames.append(image)


def content(out):
    return {p.name: p.read_bytes() for p in sorted((out / 'annotations').iterdir())}


@pytest.fixture(scope='module')
def small(tmp_path_factory):
    out = tmp_path_factory.mktemp('mini')
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert run(monkeypatch, out) == 0
    return out


@pytest.fixture(scope='module')
def rows(small):
    text = ''.join((small / 'annotations' / f'mini_{split}.csv').read_text() for split in ('train', 'val', 'heldout'))
    return [line.split(',') for line in text.splitlines()]


def test_same_seed_same_set_whatever_the_workers(small, tmp_path, monkeypatch):
    assert run(monkeypatch, tmp_path, workers=1) == 0
    assert content(tmp_path) == content(small)
    for path in (small / 'videos').iterdir():
        assert np.array_equal(decode(path), decode(tmp_path / 'videos' / path.name))


def test_other_seed_other_set(small, tmp_path, monkeypatch):
    run(monkeypatch, tmp_path, '--seed', '1')
    assert content(tmp_path)['mini_train.csv'] != content(small)['mini_train.csv']
    name = 'train_0000.mp4'
    assert not np.array_equal(decode(small / 'videos' / name), decode(tmp_path / 'videos' / name))


def test_splits_and_videos_differ(small):
    videos = [decode(path) for path in sorted((small / 'videos').iterdir())]
    assert len(videos) == 4
    assert all(not np.array_equal(a, b) for i, a in enumerate(videos) for b in videos[:i])


def test_videos_can_be_read_by_decord(small):
    decord = pytest.importorskip('decord')
    for path in (small / 'videos').iterdir():
        reader = decord.VideoReader(str(path), num_threads=1)
        assert len(reader) == 5 * 12
        assert reader.get_avg_fps() == pytest.approx(12)
        assert reader[59].shape == (64, 64, 3)


def test_rows_are_ava_rows(rows):
    assert rows
    for row in rows:
        video_id, timestamp, *box, action_id, person_id = row
        x1, y1, x2, y2 = map(float, box)
        assert 0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1
        assert all(len(number.split('.')[1]) >= 4 for number in box)
        assert timestamp in ('0002', '0003')  # the window of 3 s fits
        assert 1 <= int(action_id) <= len(ACTIONS) and int(person_id) in range(3)


def test_every_person_has_one_label_a_second(rows):
    seconds = defaultdict(list)
    for row in rows:
        seconds[row[0], row[7]].append(row[1])
    assert {video for video, _ in seconds} == {'train_0000', 'train_0001', 'val_0000', 'heldout_0000'}
    assert all(found == ['0002', '0003'] for found in seconds.values())


def test_action_list_reads_like_avas(small):
    lines = (small / 'annotations' / 'mini_action_list.pbtxt').read_text().splitlines()
    assert lines[:4] == ['item {', '  name: "stand"', '  id: 1', '}']
    names = [line.split('"')[1] for line in lines if line.startswith('  name:')]
    ids = [int(line.split(' ')[-1]) for line in lines if line.startswith('  id:')]
    assert names == ['stand', 'walk', 'run', 'jump', 'wave', 'squat', 'sit', 'fall', 'pace']
    assert ids == list(range(1, 10))


def test_no_timestamp_is_excluded(small):
    assert (small / 'annotations' / 'mini_excluded_timestamps.csv').read_text() == ''


def test_tubes_hold_the_boxes_of_the_csv(small, rows):
    tubes = pickle.loads((small / 'annotations' / 'mini_tubes.pkl').read_bytes())
    assert set(tubes) == {'labels', 'gttubes', 'nframes', 'train_videos', 'test_videos', 'resolution'}
    assert tubes['labels'] == list(ACTIONS)
    assert tubes['train_videos'] == [['train_0000', 'train_0001']] and tubes['test_videos'] == [['val_0000']]
    assert tubes['nframes']['val_0000'] == 60 and tubes['resolution']['val_0000'] == (64, 64)
    for video_id, timestamp, *box, action_id, _ in rows:
        frame = int(timestamp) * 12 + 1
        expected = np.array(box, float) * 64 - (0, 0, 1, 1)
        same_label = np.concatenate(tubes['gttubes'][video_id][int(action_id) - 1])
        at_frame = same_label[same_label[:, 0] == frame, 1:]
        assert np.abs(at_frame - expected).max(axis=1).min() < 1e-3


def test_tubes_are_consecutive_and_cover_every_frame(small, rows):
    tubes = pickle.loads((small / 'annotations' / 'mini_tubes.pkl').read_bytes())
    for video_id, by_label in tubes['gttubes'].items():
        people = {row[7] for row in rows if row[0] == video_id}
        everything = [tube for found in by_label.values() for tube in found]
        assert all(tube.dtype == np.float32 and tube.shape[1] == 5 for tube in everything)
        assert all((np.diff(tube[:, 0]) == 1).all() for tube in everything)
        frames = np.concatenate(everything)[:, 0]
        assert np.array_equal(np.bincount(frames.astype(int))[1:], np.full(60, len(people)))


def test_finished_set_is_kept(small, monkeypatch, capsys):
    video = small / 'videos' / 'val_0000.mp4'
    before = video.stat().st_mtime_ns
    assert run(monkeypatch, small) == 0
    assert 'nothing to do' in capsys.readouterr().out
    assert video.stat().st_mtime_ns == before


def test_half_made_set_is_made_anew(small, tmp_path, monkeypatch):
    run(monkeypatch, tmp_path, '--num-train', '3')
    (tmp_path / 'manifest.json').unlink()
    (tmp_path / 'videos' / 'val_0000.mp4').write_bytes(b'broken off')
    (tmp_path / 'videos' / 'mine.mp4').write_bytes(b'not ours')
    assert run(monkeypatch, tmp_path) == 0
    assert content(tmp_path) == content(small)
    assert len(decode(tmp_path / 'videos' / 'val_0000.mp4')) == 60
    assert not (tmp_path / 'videos' / 'train_0002.mp4').exists()
    assert (tmp_path / 'videos' / 'mine.mp4').read_bytes() == b'not ours'


def test_set_with_a_missing_file_is_made_anew(tmp_path, monkeypatch):
    run(monkeypatch, tmp_path)
    video = tmp_path / 'videos' / 'train_0001.mp4'
    video.unlink()
    assert run(monkeypatch, tmp_path) == 0
    assert video.is_file()


def test_manifest_counts_the_labels(small, rows):
    manifest = json.loads((small / 'manifest.json').read_text())
    assert sum(sum(counts.values()) for counts in manifest['label_counts'].values()) == len(rows)
    assert manifest['settings']['size'] == 64


@pytest.mark.parametrize('options, message', [(['--size', '63'], 'must be even'), (['--seconds', '4'], 'at least 5'),
                                              (['--num-val', '-1'], 'at least 0')])
def test_bad_arguments_are_named(monkeypatch, tmp_path, capsys, options, message):
    with pytest.raises(SystemExit) as caught:
        run(monkeypatch, tmp_path / 'new', *options)
    assert caught.value.code != 0 and message in capsys.readouterr().err
    assert not (tmp_path / 'new').exists()


def test_folder_that_cannot_be_made_is_named(monkeypatch, tmp_path, capsys):
    (tmp_path / 'file').write_text('')
    assert run(monkeypatch, tmp_path / 'file' / 'mini') == 1
    assert str(tmp_path / 'file') in capsys.readouterr().err


@pytest.mark.parametrize('name', ['videos/train_0001.mp4', 'annotations/mini_train.csv', 'manifest.json'])
def test_files_of_others_are_not_removed(monkeypatch, tmp_path, capsys, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text('mine')
    assert run(monkeypatch, tmp_path) == 1
    assert f'{name} is there already, and this tool has not made it' in capsys.readouterr().err
    assert [path.read_text() for path in tmp_path.rglob('*') if path.is_file()] == ['mine']


def test_set_of_a_killed_run_is_made_anew(monkeypatch, tmp_path):
    (tmp_path / 'videos').mkdir()
    make_mini.remove_set(tmp_path)
    (tmp_path / 'videos' / 'train_0001.mp4').write_text('half of it')
    assert run(monkeypatch, tmp_path) == 0
    assert len(decode(tmp_path / 'videos' / 'train_0001.mp4')) == 60
