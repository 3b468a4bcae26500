"""Packages that only some need."""
import pytest

from mmstep.apis.deployment.packages import require_package
from mmstep.errors import LaunchError


def test_what_is_there_is_imported():
    assert require_package('json', 'onnx').loads('1') == 1


def test_what_is_missing_is_said_in_a_line_with_its_extra():
    with pytest.raises(LaunchError) as error:
        require_package('no_such_package', 'openvino')
    assert str(error.value) == (
        'the package no_such_package is not installed. Install it: pip install "mmstep[openvino]", or in the source '
        'tree pip install -r tools/requirements/openvino.txt')


def test_what_is_broken_is_told_from_what_is_missing(tmp_path, monkeypatch):
    (tmp_path / 'half_a_package.py').write_text('import its_other_half\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(LaunchError, match=r"half_a_package cannot be imported \(No module named 'its_other_half'\)"):
        require_package('half_a_package', 'onnx')
