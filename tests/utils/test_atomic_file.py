"""Files that appear whole or not at all, and what is said where they cannot be written."""
import errno
import glob
import os
import signal
import stat
from pathlib import Path

import pytest

from mmstep.errors import LaunchError
from mmstep.utils import AtomicFile, cannot_write, write_text, writing_into


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_whole_at_the_end_and_the_old_file_until_then(tmp_path):
    path = tmp_path / 'a.json'
    path.write_text('old')
    with AtomicFile(path) as name:
        Path(name).write_text('new')
        assert path.read_text() == 'old'
    assert path.read_text() == 'new' and names(tmp_path) == ['a.json']


@pytest.mark.parametrize('error', [ValueError('no'), KeyboardInterrupt(), SystemExit(143)])
def test_broken_off_leaves_the_old_file_alone(error, tmp_path):
    path = tmp_path / 'a.json'
    path.write_text('old')
    with pytest.raises(type(error)), AtomicFile(path) as name:
        Path(name).write_text('half')
        raise error
    assert path.read_text() == 'old' and names(tmp_path) == ['a.json']


def test_by_hand(tmp_path):
    file = AtomicFile(tmp_path / 'a.txt')
    Path(file.temporary).write_text('kept')
    file.finish()
    other = AtomicFile(tmp_path / 'a.txt')
    Path(other.temporary).write_text('dropped')
    other.discard()
    other.discard()
    assert (tmp_path / 'a.txt').read_text() == 'kept' and names(tmp_path) == ['a.txt']


def test_temporary_names_are_private_hidden_and_keep_the_extension(tmp_path):
    first, second = (AtomicFile(tmp_path / f'{"ü" * 100}.mp4') for _ in range(2))
    assert first.temporary != second.temporary
    for file in (first, second):
        assert os.path.dirname(file.temporary) == str(tmp_path) and file.temporary.endswith('.mp4')
        assert os.path.basename(file.temporary).startswith('.')
        Path(file.temporary).write_text(file.temporary)  # not too long for the file system
        file.finish()
    assert (tmp_path / f'{"ü" * 100}.mp4').read_text() == second.temporary
    assert len(names(tmp_path)) == 1


def test_folder_is_made_where_asked_for(tmp_path):
    with pytest.raises(LaunchError, match=r'o\.json cannot be written: the folder .*new does not exist\.$'):
        write_text(tmp_path / 'new' / 'o.json', '')
    write_text(tmp_path / 'new' / 'er' / 'o.json', 'ä\r\n', make_folder=True)
    assert (tmp_path / 'new' / 'er' / 'o.json').read_bytes() == 'ä\r\n'.encode()


def test_another_folder_for_the_temporary_file(tmp_path):
    with AtomicFile(tmp_path / 'a.json', temporary_folder=str(tmp_path / 'unfinished')) as name:
        Path(name).write_text('{}')
        assert names(tmp_path) == ['unfinished'] and len(names(tmp_path / 'unfinished')) == 1
    assert names(tmp_path) == ['a.json', 'unfinished'] and not names(tmp_path / 'unfinished')


def test_what_is_no_place_for_a_file(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(LaunchError, match='cannot be written: it is a folder'):
        AtomicFile(tmp_path)
    with pytest.raises(LaunchError, match=r'a\.json cannot be written: what should be its folder is a file'):
        AtomicFile(tmp_path / 'file' / 'a.json', make_folder=True)
    with pytest.raises(LaunchError, match='cannot be written: File name too long. Run again.'):
        with AtomicFile(tmp_path / ('x' * 300), hint='Run again.') as name:
            Path(name).write_text('')
    assert names(tmp_path) == ['file']


@pytest.mark.skipif(os.geteuid() == 0, reason='root may write anywhere')
def test_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(LaunchError, match='cannot be written: no permission to write into the folder'):
        AtomicFile(tmp_path / 'a.json')


@pytest.mark.parametrize('number, reason', [(errno.ENOSPC, 'the disk is full'), (errno.EROFS, 'the disk is read-only'),
                                            (errno.EACCES, 'no permission'), (errno.EIO, 'Input/output error')])
def test_reasons(number, reason, tmp_path, monkeypatch):
    with pytest.raises(LaunchError, match=rf'^\S+a\.json cannot be written: {reason}[^\n]*$'):
        with AtomicFile(tmp_path / 'a.json') as name:
            Path(name).write_text('half')
            raise OSError(number, os.strerror(number))

    # A disk that keeps what it is given in memory says only now that it is full.
    def full(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(LaunchError, match=reason):
        write_text(tmp_path / 'a.json', 'x')
    assert not names(tmp_path)


def test_a_writer_that_wrote_nothing(tmp_path):
    with pytest.raises(LaunchError, match=r'a\.png cannot be written: nothing arrived there'), \
            AtomicFile(tmp_path / 'a.png'):
        pass


def test_errors_of_other_files_are_not_blamed_on_this_one(tmp_path):
    with pytest.raises(FileNotFoundError, match='absent'), AtomicFile(tmp_path / 'a.json'):
        open(tmp_path / 'absent')


def test_links_devices_and_modes_stay(tmp_path):
    (tmp_path / 'real').mkdir()
    path = tmp_path / 'real' / 'a.json'
    path.write_text('old')
    path.chmod(0o640)
    (tmp_path / 'link.json').symlink_to(path)
    write_text(tmp_path / 'link.json', 'new')
    assert (tmp_path / 'link.json').is_symlink() and path.read_text() == 'new' and names(
        tmp_path / 'real') == ['a.json']
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    write_text(os.devnull, 'x')
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_killed_while_writing(tmp_path):
    (tmp_path / 'a.json').write_text('old')
    child = os.fork()
    if not child:
        with AtomicFile(tmp_path / 'a.json') as name:
            Path(name).write_text('half')
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert (tmp_path / 'a.json').read_text() == 'old'
    assert len(names(tmp_path)) == 2 and glob.glob(str(tmp_path / '*.json')) == [str(tmp_path / 'a.json')]


def test_leftovers_of_killed_processes_go_and_those_of_living_ones_stay(tmp_path):
    living = AtomicFile(tmp_path / 'a.json')
    Path(living.temporary).write_text('living')
    leftovers = [f'.a.{"0" * 12}.part.json', f'.b.{"0" * 12}.part.json', '.a.mine.part.json']
    for name in leftovers:
        (tmp_path / name).write_text('half')
    (tmp_path / f'.a.{"1" * 12}.part.json').symlink_to(tmp_path / 'elsewhere.json')
    write_text(tmp_path / 'a.json', 'new')
    # Of this file alone, of this form alone, and nothing that a link points to.
    assert not (tmp_path / leftovers[0]).exists()
    assert all((tmp_path / name).exists() for name in leftovers[1:])
    living.finish()
    assert (tmp_path / 'a.json').read_text() == 'living'


def test_a_child_does_not_keep_the_lock(tmp_path):
    file = AtomicFile(tmp_path / 'a.json')
    ready, tell = os.pipe()
    child = os.fork()
    if not child:
        os.write(tell, b'.')
        signal.pause()
    os.read(ready, 1)
    file.discard()
    Path(file.temporary).write_text('left')
    write_text(tmp_path / 'a.json', 'new')
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert names(tmp_path) == ['a.json']


def test_what_is_said_of_names_that_are_not_utf8():
    error = cannot_write(os.fsdecode(b'caf\xe9.json'), OSError(errno.ENOSPC, 'No space left on device'), 'Run again.')
    assert str(error) == r'caf\udce9.json cannot be written: the disk is full. Run again.'


@pytest.mark.parametrize('error, said', [
    (OSError(errno.ENOSPC, 'No space left on device'), '^work_dirs/a cannot be written: the disk is full.$'),
    (OSError(errno.EROFS, 'Read-only', 'x/log.txt'), '^x/log.txt cannot be written: the disk is read-only.$'),
    (RuntimeError('[enforce fail at inline_container.cc:664] . unexpected pos 64 vs 0'), 'is the disk full'),
])
def test_what_libraries_raise_on_a_full_disk(error, said):
    with pytest.raises(LaunchError, match=said):
        with writing_into('work_dirs/a'):
            raise error


@pytest.mark.parametrize('error', [FileNotFoundError(errno.ENOENT, 'no', 'a.csv'), RuntimeError('out of memory')])
def test_other_errors_pass(error):
    with pytest.raises(type(error), match='no|out of memory'):
        with writing_into('work_dirs/a'):
            raise error


def test_a_disk_that_is_full_for_pytorch(tmp_path):
    with pytest.raises(LaunchError, match=r'a\.pth cannot be written: is the disk full'):
        with AtomicFile(tmp_path / 'a.pth'):
            raise RuntimeError('PytorchStreamWriter failed writing file data/0: file write failed')
    assert os.listdir(tmp_path) == []
