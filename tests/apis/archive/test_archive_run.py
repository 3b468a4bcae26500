"""The folder of a run over many videos."""
import csv
import os

import pytest

from mmstep.apis.archive.archive_run import ArchiveRun, list_archive
from mmstep.apis.persons.video_result import empty_result
from mmstep.errors import LaunchError


def test_largest_first_and_only_videos(tmp_path):
    for name, size in {'b.mp4': 3, 'a.mkv': 3, 'deep/er/c ä.MP4': 9, 'notes.txt': 50}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b'x' * size)
    assert list_archive(str(tmp_path)) == ['deep/er/c ä.MP4', 'a.mkv', 'b.mp4']


def test_links_are_followed_but_in_no_circle(tmp_path):
    (tmp_path / 'films').mkdir()
    (tmp_path / 'films' / 'a.mp4').write_bytes(b'x')
    (tmp_path / 'archive').mkdir()
    (tmp_path / 'archive' / 'linked').symlink_to(tmp_path / 'films')
    (tmp_path / 'films' / 'circle').symlink_to(tmp_path / 'archive')
    assert list_archive(str(tmp_path / 'archive')) == ['linked/a.mp4']


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
    with again.lock():
        pass
    assert [again.is_done(video) for video in ('a.mp4', 'b.mp4', 'c.mp4')] == [True, False, False]
    with pytest.raises(LaunchError, match=r'c\.mp4 has no result: .* Run the same command again'):
        again.summarise(['a.mp4', 'b.mp4', 'c.mp4'])
    (tmp_path / 'unfinished' / '.a.0123456789ab.part.parquet').write_text('')
    (tmp_path / 'unfinished' / f'{20 * "0"}.0123456789ab.jsonl').write_text('')
    assert again.summarise(['b.mp4', 'a.mp4']) == {'b.mp4': 'cut off'}
    assert {path.name for path in tmp_path.iterdir()} == {'detections', 'run.json', 'videos.csv'}
    with open(tmp_path / 'videos.csv', encoding='utf-8', newline='') as file:
        rows = list(csv.DictReader(file))
    assert [row['error'] for row in rows] == ['', 'cut off'] and rows[0]['num_detections'] == '0'


def test_a_folder_that_is_called_unfinished_is_not_removed(tmp_path):
    run = ArchiveRun(str(tmp_path), {})
    run.add('a.mp4', empty_result('a.mp4', complete=True))
    (tmp_path / 'unfinished' / 'raw.mp4').write_text('somebody\'s film')
    run.summarise(['a.mp4'])
    assert [path.name for path in (tmp_path / 'unfinished').iterdir()] == ['raw.mp4']


def test_a_second_run_is_kept_out_while_the_first_one_works(tmp_path):
    first, second = (ArchiveRun(str(tmp_path), {}) for _ in range(2))
    with first.lock():
        with pytest.raises(LaunchError, match=f'{tmp_path} is being written by process {os.getpid()} on .* since'):
            with second.lock():
                pass
        first.add('a.mp4', empty_result('a.mp4', complete=True))
        first.summarise(['a.mp4'])
    with second.lock():
        assert second.is_done('a.mp4')
    assert not (tmp_path / 'unfinished' / 'running.txt').exists()


def test_other_settings_are_refused(tmp_path):
    first, other = (ArchiveRun(str(tmp_path), dict(stride=stride, score_thr=0.3)) for stride in (1.0, 0.5))
    with first.lock():
        pass
    with pytest.raises(LaunchError, match='stride was 1.0, now 0.5'):
        ArchiveRun(str(tmp_path), dict(stride=0.5, score_thr=0.3))
    # Begun at the same time as the first one, when there were no settings yet.
    with pytest.raises(LaunchError, match='stride was 1.0, now 0.5'), other.lock():
        pass
    assert '1.0' in (tmp_path / 'run.json').read_text()


def test_message_where_nothing_can_be_written(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(LaunchError, match=r'cannot be written: what should be its folder is a file'):
        with ArchiveRun(str(tmp_path / 'file'), {}).lock():
            pass


def test_names_as_long_as_file_systems_permit(tmp_path):
    run = ArchiveRun(str(tmp_path), {})
    names = [f'deep/{"ä" * 120}{number}.mp4' for number in range(2)] + ['x' * 251 + '.mp4']
    for name in names:
        assert not run.is_done(name)
        run.add(name, empty_result(name, complete=True))
        assert run.is_done(name)
    run.summarise(names)
    with open(tmp_path / 'videos.csv', encoding='utf-8', newline='') as file:
        assert [row['video'] for row in csv.DictReader(file)] == sorted(names)


def test_damaged_results_are_done_again_and_damaged_settings_named(tmp_path):
    run = ArchiveRun(str(tmp_path), {})
    run.add('a.mp4', empty_result('a.mp4'))
    (tmp_path / 'detections' / 'a.mp4.parquet').write_bytes(b'PAR1')
    assert not run.is_done('a.mp4')
    (tmp_path / 'run.json').write_text('{', encoding='utf-8')
    with pytest.raises(LaunchError, match=r'run\.json is damaged'):
        ArchiveRun(str(tmp_path), {})


def test_folders_of_pictures_are_videos_if_they_are_asked_for(tmp_path):
    for name in ('a.mp4', 'cover.jpg', 'film/img_1.jpg', 'film/img_2.jpg', 'film/.thumb.jpg', 'deep/er/1.PNG',
                 'both/1.jpg', 'both/b.mp4'):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b'x' * len(name))
    assert list_archive(str(tmp_path)) == ['both/b.mp4', 'a.mp4']
    assert list_archive(str(tmp_path), pictures=True) == ['film', 'deep/er', 'both/b.mp4', 'a.mp4']
