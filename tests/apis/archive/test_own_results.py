"""Files that a run over a folder has not written, or reads, are not written over."""
import json
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmstep.apis.archive.archive_run import ArchiveRun
from mmstep.apis.archive.own_results import refuse_foreign_results
from mmstep.apis.persons.video_result import empty_result
from mmstep.errors import LaunchError

SETTINGS = dict(model='0', weights='1', classes=[])
VIDEOS = ['a.mp4', 'deep/b.mp4']


def refuse(out, *inputs):
    refuse_foreign_results(str(out), VIDEOS, [str(path) for path in inputs])


@pytest.fixture
def out(tmp_path):
    """What a run has left that ended well."""
    run = ArchiveRun(str(tmp_path / 'out'), SETTINGS)
    with run.lock():
        for video in VIDEOS:
            run.add(video, empty_result(video, complete=True))
        run.summarise(VIDEOS)
    return tmp_path / 'out'


def test_a_new_folder_and_own_results_pass(out, tmp_path):
    refuse(tmp_path / 'new')
    refuse(out)
    (out / 'videos.csv').unlink()  # as a run leaves it that was killed
    refuse(out)
    (tmp_path / 'new').mkdir()
    (tmp_path / 'new' / 'notes.txt').write_text('mine')
    refuse(tmp_path / 'new')


@pytest.mark.parametrize('name, content', [('videos.csv', 'video,label\n'), ('run.json', '{}'), ('run.json', '[1]'),
                                           ('run.json', 'mine'), ('detections/deep/b.mp4.parquet', 'mine')])
def test_files_of_others_are_named(tmp_path, name, content):
    path = tmp_path / 'out' / name
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(LaunchError, match=f'{name} is there already, and tools/infer_videos.py has not written it'):
        refuse(tmp_path / 'out')
    assert path.read_text() == content


def test_a_table_of_another_kind_is_not_done_again(out):
    pq.write_table(pa.table(dict(a=[1])), out / 'detections' / 'a.mp4.parquet')
    with pytest.raises(LaunchError, match=r'a\.mp4\.parquet is a table that is not a result'):
        ArchiveRun(str(out), SETTINGS).is_done('a.mp4')


@pytest.mark.parametrize('name', ['run.json', 'videos.csv', 'detections/a.mp4.parquet'])
@pytest.mark.parametrize('link', [os.link, os.symlink])
def test_inputs_under_names_of_outputs(out, tmp_path, name, link):
    (tmp_path / 'weights.pth').write_bytes(b'weights')
    (out / name).unlink()
    link(tmp_path / 'weights.pth', out / name)
    with pytest.raises(LaunchError, match='is the file that is read'):
        refuse(out, tmp_path / 'a.py', tmp_path / 'weights.pth')


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / 'out').write_text('mine')
    with pytest.raises(LaunchError, match='out is a file, and has to be a folder'):
        refuse(tmp_path / 'out')


def test_journals_of_others_stay(out):
    (out / 'unfinished').mkdir()
    (out / 'unfinished' / 'log.jsonl').write_text('mine')
    ArchiveRun(str(out), SETTINGS).summarise(VIDEOS)
    assert (out / 'unfinished' / 'log.jsonl').read_text() == 'mine'


def test_settings_that_are_none(tmp_path):
    (tmp_path / 'run.json').write_text(json.dumps([1]))
    with pytest.raises(LaunchError, match=r'run\.json holds no settings'):
        ArchiveRun(str(tmp_path), SETTINGS)
