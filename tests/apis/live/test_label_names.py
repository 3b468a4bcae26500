"""Tests of mmstep.apis.live.label_names: names of action classes from a file that somebody gives."""
import pytest

from mmstep.apis.live import read_label_names
from mmstep.errors import LaunchError

PBTXT = 'item {\n  name: "walk"\n  id: 1\n}\nitem {\n  name: "sit"\n  id: 3\n}\n'


@pytest.mark.parametrize('name,content,ids,expected', [
    ('a.txt', 'walk\nsit down\n\n', (), ['walk', 'sit down']),
    ('a.txt', '1: walk\n3: sit\n2: run ä\n', (), ['walk', 'run ä', 'sit']),
    ('a.txt', '1: walk\n3: sit\n', (1, 3), ['walk', 'sit']),
    ('a.pbtxt', PBTXT, (3, 1), ['sit', 'walk']),
])
def test_names(tmp_path, name, content, ids, expected):
    (tmp_path / name).write_text(content, encoding='utf-8')
    assert read_label_names(str(tmp_path / name), ids) == expected


@pytest.mark.parametrize('content,ids,said', [('1: walk\n3: sit\n', (), 'no name for class 2'), ('', (), 'no names'),
                                              ('walk\n', (5, ), 'no name for class 5')])
def test_names_that_are_missing(tmp_path, content, ids, said):
    (tmp_path / 'a.txt').write_text(content)
    with pytest.raises(LaunchError, match=said):
        read_label_names(str(tmp_path / 'a.txt'), ids)


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(LaunchError, match='nowhere.txt cannot be read'):
        read_label_names(str(tmp_path / 'nowhere.txt'))
