"""A model and the files of its export, made once."""
import pytest
from helpers.exported import small_model

from mmstep.apis.deployment import export_onnx


@pytest.fixture(scope='package')
def model():
    return small_model()


@pytest.fixture(scope='package')
def exported(model, tmp_path_factory):
    """Path and report of an export in two files."""
    for name in ('onnx', 'onnxruntime', 'onnxscript'):
        pytest.importorskip(name)
    path = tmp_path_factory.mktemp('exported') / 'small.onnx'
    return str(path), export_onnx(model, str(path), nms=True)
