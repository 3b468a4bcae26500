"""Files that are locked for as long as they are open."""
import pytest

from mmstep.utils.locked_file import open_locked, unlock


def test_one_at_a_time(tmp_path):
    path = tmp_path / 'new' / 'a'
    first, locked = open_locked(str(path), make=True)
    assert locked
    with pytest.raises(BlockingIOError):
        open_locked(str(path))
    unlock(first)
    unlock(first)  # which may by now be another file's number
    second, _ = open_locked(str(path))
    unlock(second)


def test_what_is_not_there_is_made_only_where_asked_for(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_locked(str(tmp_path / 'a'))
    assert not list(tmp_path.iterdir())


def test_links_are_not_followed(tmp_path):
    (tmp_path / 'link').symlink_to(tmp_path / 'elsewhere')
    with pytest.raises(OSError, match='symbolic links'):
        open_locked(str(tmp_path / 'link'), make=True)
    assert not (tmp_path / 'elsewhere').exists()
