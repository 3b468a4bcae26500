"""Tests of tools/mmcv_few_ops: what is left of the sources, and the stand-in for what is not built."""
import importlib.util
import sys
import types
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / 'tools' / 'mmcv_few_ops'


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build_wheel = load(FOLDER / 'build_wheel.py', 'build_wheel')


@pytest.fixture
def stand_in(monkeypatch):
    """_ext.py in a package whose compiled module has NMS alone."""
    package, few = types.ModuleType('some_mmcv'), types.ModuleType('some_mmcv.ext_few')
    package.__path__ = []
    package.ext_few = few
    few.nms = lambda boxes: f'nms of {boxes}'
    monkeypatch.setitem(sys.modules, 'some_mmcv', package)
    monkeypatch.setitem(sys.modules, 'some_mmcv.ext_few', few)
    return load(FOLDER / '_ext.py', 'some_mmcv._ext')


def test_what_is_built_is_passed_on(stand_in):
    assert stand_in.nms('boxes') == 'nms of boxes'


def test_what_is_not_built_can_be_imported_and_says_so_when_called(stand_in):
    # mmcv asks at its import that every operator is there.
    assert hasattr(stand_in, 'deform_conv_forward')
    with pytest.raises(NotImplementedError, match='deform_conv_forward was not built.*setup_env.sh --full-ops'):
        stand_in.deform_conv_forward(1, scale=2)


def test_sources_of_other_operators_go(tmp_path):
    csrc = tmp_path / 'mmcv/ops/csrc/pytorch'
    for name in ('cpu/nms.cpp', 'cpu/deform_conv.cpp', 'nms.cpp', 'deform_conv.cpp', 'pybind.cpp', 'cuda/nms_cuda.cu'):
        (csrc / name).parent.mkdir(parents=True, exist_ok=True)
        (csrc / name).write_text('theirs')
    build_wheel.keep_few_sources(tmp_path)
    left = {path.relative_to(csrc).as_posix() for path in csrc.rglob('*') if path.is_file()}
    assert left == {'cpu/nms.cpp', 'nms.cpp', 'pybind.cpp'}
    assert (csrc / 'pybind.cpp').read_text() != 'theirs'
    assert (tmp_path / 'mmcv/_ext.py').is_file()


def test_wheel_says_in_its_version_what_it_is(tmp_path):
    setup = tmp_path / 'setup.py'
    setup.write_text("ext_name = 'mmcv._ext'\nsetup(version=get_version(),)\n")
    build_wheel.patch_setup(setup)
    assert setup.read_text() == "ext_name = 'mmcv.ext_few'\nsetup(version=get_version() + '+few.ops',)\n"


def test_another_setup_is_refused(tmp_path):
    (tmp_path / 'setup.py').write_text('setup()')
    with pytest.raises(RuntimeError, match='does not fit this version of mmcv.*--full-ops'):
        build_wheel.patch_setup(tmp_path / 'setup.py')
