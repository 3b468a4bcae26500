"""Outputs that are inputs, under whatever name, are refused."""
import os

import pytest

from mmstep.errors import LaunchError
from mmstep.utils import refuse_overwriting, shorten_name


@pytest.fixture
def film(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'own').mkdir()
    path = tmp_path / 'own' / 'film.mp4'
    path.write_bytes(b'film')
    (tmp_path / 'link.mp4').symlink_to(path)
    (tmp_path / 'folder').symlink_to(tmp_path / 'own')
    os.link(path, tmp_path / 'hard.mp4')
    return str(path)


@pytest.mark.parametrize('name', ['own/film.mp4', './own/../own//film.mp4', 'link.mp4', 'folder/film.mp4', 'hard.mp4'])
def test_every_name_of_an_input_is_refused(film, name):
    with pytest.raises(LaunchError, match='is the file that is read'):
        refuse_overwriting([None, 'other.json', name], [None, film])
    with pytest.raises(LaunchError, match='is the file that is read'):
        refuse_overwriting([film], ['own/else.mp4', name])


def test_other_files_pass(film):
    refuse_overwriting(['own/other.mp4', 'own/film.json', 'film.mp4'], [film, 'rtsp://host/own/other.mp4', 'own'])
    refuse_overwriting(['/dev/null', '/dev/null'], ['/dev/null'])


def test_names_that_are_not_there_yet(film):
    with pytest.raises(LaunchError, match='is the file that is read'):
        refuse_overwriting(['folder/new.pkl'], ['own/new.pkl'])
    with pytest.raises(LaunchError, match='own/a.mp4 and folder/a.mp4 are two outputs with one name'):
        refuse_overwriting(['own/a.mp4', 'folder/a.mp4'], [film])


def test_a_name_that_is_not_utf8_is_told(tmp_path):
    name = str(tmp_path / 'caf\udce9.mp4')
    with pytest.raises(LaunchError) as error:
        refuse_overwriting([name], [name])
    str(error.value).encode()


@pytest.mark.parametrize('name', ['clip', 'a' * 300, 'ä' * 200, 'caf\udce9' * 50])
def test_names_that_leave_room(tmp_path, name):
    short = shorten_name(name)
    (tmp_path / f'{short}_coco.json').touch()
    assert len(os.fsencode(short)) <= 220 and (short == name) == (len(os.fsencode(name)) <= 220)
    assert shorten_name(f'{name}!') != short
