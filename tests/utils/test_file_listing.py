"""Listing of files below a folder, whatever state its folders and links are in."""
import os

import pytest

from mmstep.utils.file_listing import find_files


def listed(folder):
    return dict(find_files(str(folder), ('.mp4', '.mkv')))


def test_sizes_by_relative_path(tmp_path):
    for name in ('a.mp4', 'deep/er/c d.MKV', 'notes.txt', os.fsdecode(b'caf\xe9.mp4')):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b'123')
    assert listed(tmp_path) == {'a.mp4': 3, 'deep/er/c d.MKV': 3, os.fsdecode(b'caf\xe9.mp4'): 3}


def test_circles_of_links(tmp_path):
    (tmp_path / 'sub').mkdir()
    (tmp_path / 'sub' / 'a.mp4').write_bytes(b'1')
    (tmp_path / 'sub' / 'up').symlink_to(tmp_path)
    (tmp_path / 'self').symlink_to(tmp_path / 'self')
    (tmp_path / 'one.mp4').symlink_to(tmp_path / 'two.mp4')
    (tmp_path / 'two.mp4').symlink_to(tmp_path / 'one.mp4')
    (tmp_path / 'gone.mp4').symlink_to(tmp_path / 'nowhere.mp4')
    assert listed(tmp_path) == {'sub/a.mp4': 1, 'one.mp4': 0, 'two.mp4': 0, 'gone.mp4': 0}


def test_a_folder_that_cannot_be_read_takes_the_place_of_its_videos(tmp_path, monkeypatch):
    (tmp_path / 'closed').mkdir()
    (tmp_path / 'a.mp4').write_bytes(b'1')
    scandir = os.scandir

    def refuse(folder):
        if str(folder).endswith('closed'):
            raise PermissionError(13, 'Permission denied', folder)
        return scandir(folder)

    monkeypatch.setattr(os, 'scandir', refuse)
    assert listed(tmp_path) == {'a.mp4': 1, 'closed': 0}
    with pytest.raises(PermissionError):
        listed(tmp_path / 'closed')
