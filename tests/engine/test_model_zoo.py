"""Tests of mmstep.engine.model_zoo.

Models by name: what the metafiles list, in the source tree or in an installed package.
"""
import os.path as osp

import pytest

from mmstep.engine import model_zoo
from mmstep.engine.model_zoo import find_model, list_models, packaged_weights
from mmstep.errors import LaunchError


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """An installed package that lists two models; gives its folder."""
    mim = tmp_path / 'mmstep' / '.mim'
    (mim / 'configs' / 'step').mkdir(parents=True)
    (mim / 'model-index.yml').write_text('Import:\n  - one.yml\n  - two.yml\n')
    (mim / 'one.yml').write_text('Models:\n  - {Name: Walker, Config: configs/step/w.py, Weights: "https://host/w"}\n')
    (mim / 'two.yml').write_text('Models:\n  - {Name: runner, Config: configs/step/r.py}\n')
    monkeypatch.setattr(model_zoo, '__file__', str(tmp_path / 'mmstep' / 'engine' / 'model_zoo.py'))
    return mim


def test_every_model_of_the_metafiles_has_its_config():
    names = list_models()
    assert 'step_i3d_ava' in names and len(names) == len({name.lower() for name in names})
    for name in names:
        assert osp.splitext(osp.basename(find_model(name.upper())[0]))[0] == name
        assert osp.isfile(find_model(name)[0])


def test_installed_package_has_its_own_list(zoo):
    assert list_models() == ['Walker', 'runner']
    assert find_model('walker') == (osp.join(zoo, 'configs/step/w.py'), 'https://host/w')
    assert find_model('RUNNER')[1] is None


def test_weights_of_the_package_come_first(zoo):
    assert list_models(with_weights=True) == ['Walker'] and list_models(with_weights=False) == ['runner']
    folder = zoo.parent / 'weights'
    folder.mkdir()
    (folder / 'runner.pth').touch()
    assert find_model('Runner')[1] == packaged_weights('RUNNER') == str(folder / 'runner.pth')
    assert list_models(with_weights=True) == ['Walker', 'runner']


def test_weights_of_the_package_belong_to_its_own_config(zoo, tmp_path):
    (zoo.parent / 'weights').mkdir()
    (zoo.parent / 'weights' / 'runner.pth').touch()
    own = zoo / 'configs' / 'step' / 'runner.py'
    assert packaged_weights(str(own)) == str(zoo.parent / 'weights' / 'runner.pth')
    assert packaged_weights(str(tmp_path / 'runner.py')) is None and packaged_weights('runner.py') is None


def test_unknown_names_get_the_nearest_or_all(zoo):
    with pytest.raises(LaunchError, match="'walkr' is neither a config file nor .* Did you mean walker"):
        find_model('walkr')
    with pytest.raises(LaunchError, match='There are: walker, runner'):
        find_model('xyz')


def test_package_without_a_list_says_where_it_looked(zoo):
    (zoo / 'model-index.yml').unlink()
    with pytest.raises(LaunchError, match=r'lists no models.*\.mim holds model-index\.yml'):
        list_models()
