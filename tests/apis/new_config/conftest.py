"""A data set of two videos, for the tests of configs for own data."""
import pytest
from helpers.video_files import grey_pictures, write_frames


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """The folder ``mine`` with two videos of three seconds at 10 frames a second, and no annotation; the working
    directory is the one around it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'mine' / 'videos').mkdir(parents=True)
    for name in ('hall', 'yard'):
        write_frames(tmp_path / 'mine' / 'videos' / f'{name}.mp4', grey_pictures(30), fps=10)
    return tmp_path / 'mine'


ACTIONS = ['hall,0,.1,.2,.3,.9,walk,0', 'hall,1,.1,.2,.3,.9,sit,0', 'yard,1,.1,.2,.3,.9,walk,0']
TUBES = [
    f'{tube},{first + i},0,0,30,40' for tube, first in (('hall,0,walk', 1), ('hall,1,sit', 9), ('yard,0,walk', 3))
    for i in range(4)
]


@pytest.fixture
def actions(mine):
    """``mine`` with a csv of named actions."""
    (mine / 'own.csv').write_text('\n'.join(ACTIONS))
    return mine


@pytest.fixture
def tubes(mine):
    """``mine`` with a csv of tubes."""
    (mine / 'own.csv').write_text('\n'.join(TUBES))
    return mine
