import csv

import pytest

from mmstep.apis.archive_run import ArchiveRun, list_archive
from mmstep.apis.results import empty_result
from mmstep.engine.errors import LaunchError


def test_largest_first_and_only_videos(tmp_path):
    for name, size in {'b.mp4': 3, 'a.mkv': 3, 'deep/er/c ä.MP4': 9, 'notes.txt': 50}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b'x' * size)
    assert list_archive(str(tmp_path)) == ['deep/er/c ä.MP4', 'a.mkv', 'b.mp4']


def test_folders_without_videos_are_named(tmp_path):
    with pytest.raises(LaunchError, match='does not exist'):
        list_archive(str(tmp_path / 'nowhere'))
    with pytest.raises(LaunchError, match='hold no video'):
        list_archive(str(tmp_path))


def test_goes_on_where_it_stopped_and_tries_errors_again(tmp_path):
    run = ArchiveRun(str(tmp_path), dict(stride=1.0))
    run.add('a.mp4', empty_result('/films/a.mp4', complete=True))
    run.add('b.mp4', empty_result('/films/b.mp4', error='cut off'))
    again = ArchiveRun(str(tmp_path), dict(stride=1.0))
    assert [again.is_done(video) for video in ('a.mp4', 'b.mp4', 'c.mp4')] == [True, False, False]
    with pytest.raises(LaunchError, match='1 videos have no result yet, for instance c.mp4'):
        again.summarise(['a.mp4', 'b.mp4', 'c.mp4'])
    infos = again.summarise(['b.mp4', 'a.mp4'])
    assert [(info['video'], info['error']) for info in infos] == [('a.mp4', None), ('b.mp4', 'cut off')]
    with open(tmp_path / 'videos.csv', encoding='utf-8', newline='') as file:
        rows = list(csv.DictReader(file))
    assert [row['error'] for row in rows] == ['', 'cut off'] and rows[0]['num_detections'] == '0'


def test_other_settings_are_refused(tmp_path):
    ArchiveRun(str(tmp_path), dict(stride=1.0, score_thr=0.3))
    with pytest.raises(LaunchError, match='stride was 1.0, now 0.5'):
        ArchiveRun(str(tmp_path), dict(stride=0.5, score_thr=0.3))


def test_damaged_files_are_named(tmp_path):
    run = ArchiveRun(str(tmp_path), {})
    run.add('a.mp4', empty_result('a.mp4'))
    (tmp_path / 'detections' / 'a.mp4.parquet').write_bytes(b'PAR1')
    with pytest.raises(LaunchError, match=r'a\.mp4\.parquet .* damaged'):
        run.is_done('a.mp4')
    (tmp_path / 'run.json').write_text('{', encoding='utf-8')
    with pytest.raises(LaunchError, match=r'run\.json is damaged'):
        ArchiveRun(str(tmp_path), {})
