"""The wheel: what it holds, and what a Python that has only the wheel and the stack can do with it."""
import email
import os
import re
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from helpers.wheel import copy_sources, run
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
# Run where neither the source tree nor an editable installation of it comes first.
TRIAL = '''
import os.path as osp
import sys

import mmstep
from mmengine.config import Config
from mmengine.hub import get_config
from mmengine.registry import init_default_scope
from mmengine.utils import get_installed_path
from mmaction.registry import MODELS

site = sys.argv[1]
assert mmstep.__file__ == osp.join(site, 'mmstep', '__init__.py'), mmstep.__file__
# MIM looks for configs and tools here.
assert get_installed_path('mmstep') == osp.join(site, 'mmstep')
zoo = osp.join(site, 'mmstep', '.mim')
cfg = get_config('mmstep::step/step_tiny_mini-ava.py')
assert cfg.filename == osp.join(zoo, 'configs', 'step', 'step_tiny_mini-ava.py')
own = Config.fromfile('own.py')
assert own.train_cfg.max_iters == 7 and own.model.type == 'STEPDetector'
init_default_scope('mmaction')
from mmstep.apis import STEPInferencer
assert STEPInferencer('step_tiny_mini-ava').weights == osp.join(site, 'mmstep', 'weights', 'step_tiny_mini-ava.pth')
detector = MODELS.build(own.model)
assert detector.roi_head.num_steps == cfg.model.roi_head.num_steps == 3
'''


@pytest.fixture(scope='module')
def dist(tmp_path_factory):
    """A folder with sdist and wheel, built from a copy of the sources, for no build may change the tree."""
    folder = tmp_path_factory.mktemp('dist')
    source = folder / 'source'
    copy_sources(source)
    before = sorted(source.rglob('*'))
    run(sys.executable, '-m', 'build', '--no-isolation', '--outdir', folder, source, cwd=folder)
    left = [path for path in source.rglob('*') if path not in before]
    assert all('mmstep.egg-info' in path.parts for path in left), left
    return folder


@pytest.mark.slow
def test_wheel_and_sdist_hold_package_and_model_zoo(dist):
    wheel, = dist.glob('*.whl')
    sdist, = dist.glob('*.tar.gz')
    in_wheel = set(zipfile.ZipFile(wheel).namelist())
    in_sdist = {name.partition('/')[2] for name in tarfile.open(sdist).getnames()}
    parts = [
        *(ROOT / 'mmstep').rglob('*.py'), *(ROOT / 'mmstep_command').glob('*.py'), ROOT / 'mmstep/py.typed',
        *(ROOT / 'mmstep/weights').iterdir(), *(ROOT / 'mmstep').rglob('*.js'), *(ROOT / 'mmstep').rglob('*.html')
    ]
    package = {str(path.relative_to(ROOT)) for path in parts}
    zoo = {
        str(path.relative_to(ROOT))
        for path in [ROOT / 'model-index.yml', *(ROOT / 'configs').rglob('*'), *(ROOT / 'tools').rglob('*')]
        if path.is_file() and '__pycache__' not in path.parts
    }
    assert len(package) > 50 and 'configs/step/metafile.yml' in zoo and 'tools/train.py' in zoo
    meta = {name for name in in_wheel if name.split('/')[0].endswith('.dist-info')}
    assert in_wheel - meta == package | {f'mmstep/.mim/{name}' for name in zoo}
    assert any(name.endswith('/LICENSE') for name in meta)
    assert package | zoo | {'LICENSE', 'README.md', 'setup.py', 'setup.cfg'} <= in_sdist


@pytest.mark.slow
def test_package_does_not_need_the_libraries_of_the_page():
    run(sys.executable, '-c', 'import sys, mmstep.visualization, mmstep.apis; assert "gradio" not in sys.modules')


@pytest.mark.slow
def test_metadata_has_true_extras_and_nothing_that_leads_nowhere(dist):
    wheel, = dist.glob('*.whl')
    with zipfile.ZipFile(wheel) as archive:
        name, = (name for name in archive.namelist() if name.endswith('.dist-info/METADATA'))
        meta = email.message_from_string(archive.read(name).decode())
    assert {'web', 'archive', 'onnx', 'openvino', 'completion', 'docs', 'dev',
            'mim'} == set(meta.get_all('Provides-Extra'))
    needed = [Requirement(line) for line in meta.get_all('Requires-Dist')]
    extras = {
        extra: {each.name
                for each in needed if each.marker and each.marker.evaluate(dict(extra=extra))}
        for extra in ('web', 'archive', 'onnx', 'openvino', 'docs')
    }
    always = {each.name for each in needed if each.marker is None}
    assert extras['web'] - always >= {'gradio'}
    assert extras['archive'] - always >= {'pyarrow'}
    assert extras['docs'] - always >= {'sphinx'}
    assert any('arxiv.org' in url for url in meta.get_all('Project-URL'))
    # No file lies beside the page of a package.
    page = meta.get_payload()
    assert '# mmstep' in page
    assert re.findall(r'\]\((?!https?://|#)[^)]*\)', page) == []


@pytest.mark.slow
def test_installed_wheel_is_found_by_mmengine_and_mim(dist, tmp_path):
    wheel, = dist.glob('*.whl')
    site, here = tmp_path / 'site', tmp_path / 'work'
    here.mkdir()
    run(sys.executable, '-m', 'pip', 'install', '--quiet', '--no-deps', '--no-index', '--target', site, wheel)
    (here / 'own.py').write_text("_base_ = 'mmstep::step/step_tiny_mini-ava.py'\ntrain_cfg = dict(max_iters=7)\n")
    environment = dict(os.environ, PYTHONPATH=str(site))
    run(sys.executable, '-c', TRIAL, site, cwd=here, env=environment)
    usage = run(sys.executable, site / 'mmstep/.mim/tools/train.py', '--help', cwd=here, env=environment)
    assert '--resume' in usage
