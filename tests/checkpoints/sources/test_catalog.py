"""The table of other projects' weights: complete, and the addresses are those of the configs."""
import re
from pathlib import Path

import pytest
from mmengine.config import Config

from mmstep.checkpoints.sources import SOURCES, find_source, rst_table
from mmstep.errors import LaunchError

ROOT = Path(__file__).parents[3]


def test_entries_say_all_that_a_person_needs():
    assert len({source.name for source in SOURCES}) == len(SOURCES)
    for source in SOURCES:
        assert source.page.startswith('https://') and source.licence and 1 < source.megabytes < 1000
        # Either it is fetched and can be checked, or it is said why not.
        assert bool(source.address) == bool(re.fullmatch('[0-9a-f]{8,64}', source.sha256)) != bool(source.why_not)
        assert f'`{source.name} <{source.page}>`__' in rst_table()


@pytest.mark.parametrize('name', ['slowonly-r50', 'slowfast-r50', 'vit-b', 'vgg16'])
def test_addresses_are_those_that_the_configs_begin_from(name):
    source = find_source(name)
    config = source.used_by.replace('*', 'ucf101-24_rgb')
    text = Config.fromfile(str(ROOT / f'configs/step/{config}.py')).pretty_text
    assert source.address in text.replace('\n', '')
    # Their names end with the beginning of the checksum.
    assert re.search(r'-([0-9a-f]{8})\.pth$', source.file_name)[1] == source.sha256[:8]


def test_every_address_of_a_config_is_in_the_table():
    text = ''.join(path.read_text(encoding='utf-8') for path in sorted((ROOT / 'configs/step').rglob('*.py')))
    hosts = set(re.findall(r'https://(download[\w.]+)', text))
    assert hosts and all(any(host in (source.address or '') for source in SOURCES) for host in hosts)


def test_unknown_names_get_the_nearest_or_all():
    assert find_source('VGG16').file_name == 'vgg16-397923af.pth'
    with pytest.raises(LaunchError, match='Did you mean vgg16'):
        find_source('vgg-16')
    with pytest.raises(LaunchError, match='There are: step-i3d-ava, i3d-rgb'):
        find_source('xyz')


def test_the_documentation_has_the_table():
    assert rst_table() in (ROOT / 'docs/weights.rst').read_text(encoding='utf-8')
