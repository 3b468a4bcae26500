"""mmstep download: the table, files that are fetched, files that are explained."""
import dataclasses
import hashlib

import pytest

from mmstep.checkpoints.sources import SOURCES, find_source
from mmstep.cli import download
from mmstep.errors import LaunchError


def test_without_a_name_the_table_is_printed(capsys):
    download.main([])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(SOURCES) and lines[0].startswith('step-i3d-ava') and 'CC BY-NC-SA' in lines[0]


def test_what_is_there_is_checked_and_the_converter_is_named(tmp_path, monkeypatch, capsys):
    (tmp_path / 'rgb_imagenet.pt').write_bytes(b'weights')
    source = dataclasses.replace(find_source('i3d-rgb'), sha256=hashlib.sha256(b'weights').hexdigest())
    monkeypatch.setattr(download, 'find_source', lambda name: source)
    download.main(['i3d-rgb', '--folder', str(tmp_path)])
    printed = capsys.readouterr().out
    assert f'i3d_to_mmstep.py {tmp_path}/rgb_imagenet.pt data/pretrained/' in printed and 'Apache-2.0' in printed


def test_what_is_not_fetched_is_explained_and_ends_with_an_error(capsys):
    with pytest.raises(LaunchError, match='not fetched: step-i3d-ava, i3d-flow;'):
        download.main(['step-i3d-ava', 'i3d-flow'])
    printed = capsys.readouterr().out
    assert 'https://github.com/NVlabs/STEP' in printed and 'nvlabs_to_mmstep.py FILE' in printed
    with pytest.raises(LaunchError, match='is not in the table'):
        download.main(['resnet'])
