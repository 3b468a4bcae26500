"""The command that links and checks the videos of UCF101-24 and J-HMDB, on small ones."""
import pickle
import sys

import cv2
import numpy as np
import pytest

from mmstep.cli.data import prepare_tubes
from mmstep.datasets import read_tube_annotations
from mmstep.engine.launch import run_tool

VIDEOS = ('Biking/v_a', 'Diving/v_b', 'Diving/v_c')


def write_video(path, num_frames=20):
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 25, (32, 24))
    for index in range(num_frames):
        writer.write(np.full((24, 32, 3), index, np.uint8))
    writer.release()


@pytest.fixture
def source(tmp_path):
    """Unpacked videos, more than are annotated."""
    for name in (*VIDEOS, 'Archery/v_d'):
        write_video(tmp_path / 'unpacked' / f'{name}.avi')
    return tmp_path / 'unpacked'


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / 'data' / 'annotations'
    folder.mkdir(parents=True)
    tube = dict(label=2, sf=0, ef=1, boxes=np.ones((1, 4), np.uint8))
    content = {name: dict(annotations=[tube], numf=np.uint8(20), label=2) for name in VIDEOS}
    (folder / 'pyannot.pkl').write_bytes(pickle.dumps(content))
    (folder / 'testlist01.txt').write_text('Biking/v_a\n')
    return tmp_path / 'data'


@pytest.fixture
def run(root, monkeypatch, capsys):

    def run(*options, dataset='ucf101_24'):
        words = ['prepare_tubes.py', dataset, '--root', root, '--workers', 2, *options]
        monkeypatch.setattr(sys, 'argv', [str(word) for word in words])
        try:
            run_tool(prepare_tubes.main)
            code = 0
        except SystemExit as error:
            code = error.code
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_annotated_videos_are_linked(run, root, source):
    code, said = run('--link', source)
    assert code == 0, said
    assert '3 videos linked' in said and 'All 3 videos are in' in said and 'split 1, train: 2 videos, 2 tubes' in said
    links = sorted(path for path in (root / 'videos').rglob('*.avi'))
    assert [str(path.relative_to(root / 'videos')) for path in links] == [f'{name}.avi' for name in VIDEOS]
    assert all(path.is_symlink() for path in links)
    code, said = run('--link', source)
    assert code == 0 and '0 videos linked' in said


def test_links_to_nowhere_are_made_anew(run, root, source):
    (root / 'videos' / 'Biking').mkdir(parents=True)
    (root / 'videos' / 'Biking' / 'v_a.avi').symlink_to(root / 'gone.avi')
    assert run('--link', source)[0] == 0
    assert (root / 'videos' / 'Biking' / 'v_a.avi').resolve() == (source / 'Biking' / 'v_a.avi').resolve()


def test_missing_videos_are_listed(run, root, source):
    (source / 'Diving' / 'v_b.avi').unlink()
    code, said = run('--link', source)
    assert code == 1 and '  Diving/v_b\n' in said and '1 videos are missing and 0 cannot be used, of 3' in said
    assert 'tools/data/ucf101_24/README.md' in said


def test_other_numbers_of_frames(run, root, source):
    write_video(source / 'Diving' / 'v_b.avi', 18)
    code, said = run('--link', source)
    assert code == 0 and '1 videos have another number of frames' in said and 'Diving/v_b: 18, annotated 20' in said
    write_video(source / 'Diving' / 'v_b.avi', 9)
    (source / 'Diving' / 'v_c.avi').write_text('no video')
    code, said = run()
    assert code == 1 and 'v_b.avi has 9 frames, and its annotation counts 20' in said and 'v_c.avi' in said
    assert '0 videos are missing and 2 cannot be used, of 3' in said


def test_optical_flow(run, root, source):
    assert 'No optical flow in' in run('--link', source)[1]
    (root / 'flow').mkdir()
    assert 'the optical flow of 3 of 3 videos is missing' in run()[1]
    for name in VIDEOS:
        (root / 'flow' / name).mkdir(parents=True)
        (root / 'flow' / name / 'flow.json').write_text('')
    assert 'Optical flow of all 3 videos is there' in run()[1]


def test_no_annotations(run, root):
    code, said = run(dataset='jhmdb')
    assert code == 1 and 'JHMDB-GT.pkl does not exist' in said and 'tools/data/jhmdb/README.md says where' in said


def test_all_splits_of_jhmdb(run, root, source):
    gttubes = {name: {0: [np.array([[1, 0, 0, 9, 9]], np.float32)]} for name in VIDEOS}
    content = dict(
        labels=['a'],
        gttubes=gttubes,
        nframes=dict.fromkeys(VIDEOS, 20),
        train_videos=[list(VIDEOS[:2]), list(VIDEOS[1:]), list(VIDEOS[::2])],
        test_videos=[[VIDEOS[2]], [VIDEOS[0]], [VIDEOS[1]]],
        resolution=dict.fromkeys(VIDEOS, (24, 32)))
    (root / 'annotations' / 'JHMDB-GT.pkl').write_bytes(pickle.dumps(content))
    code, said = run('--link', source, dataset='jhmdb')
    assert code == 0 and 'split 3, test: 1 videos, 1 tubes' in said and 'All 3 videos' in said
    assert run('--ann-file', 'annotations/JHMDB-GT.pkl')[0] == 0


def test_link_from_nowhere(run, tmp_path):
    code, said = run('--link', tmp_path / 'no')
    assert code == 1 and f'--link {tmp_path}/no is not a folder' in said


def test_subset_of_the_videos_that_are_there(run, root, source):
    assert 'no video of split 1 is in' in run('--subset')[1]
    for name in VIDEOS[1:]:
        (source / f'{name}.avi').unlink()
    code, said = run('--link', source, '--subset')
    assert code == 0, said
    assert 'all 1 videos for training and testing alike' in said and 'All 1 videos are in' in said
    subset = str(root / 'annotations' / 'subset.pkl')
    train, test = (read_tube_annotations(subset, 1, part) for part in ('train', 'test'))
    assert train.videos == test.videos == ['Biking/v_a']
    write_video(root / 'videos' / 'Diving' / 'v_c.avi')
    code, said = run('--subset')
    assert code == 0 and '1 videos for training and 1 for testing' in said
    train, test = (read_tube_annotations(subset, 1, part) for part in ('train', 'test'))
    assert train.videos == ['Diving/v_c'] and test.videos == ['Biking/v_a']
