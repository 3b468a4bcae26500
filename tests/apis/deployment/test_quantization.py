"""8-bit convolutions."""
import pytest
import torch
from helpers.exported import small_config

from mmstep.apis.deployment import load_exported, quantization, quantize_onnx, read_info
from mmstep.apis.deployment.windows import made_up_windows
from mmstep.errors import LaunchError

pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def windows():
    return made_up_windows(small_config(), dict(shape=[0, 3], dtype='uint8'), 3)


@pytest.fixture(scope='module')
def quantized(exported, windows, tmp_path_factory):
    path = str(tmp_path_factory.mktemp('quantized') / 'int8.onnx')
    return path, quantize_onnx(exported[0], path, windows)


def test_convolutions_and_nothing_else(quantized):
    onnx = pytest.importorskip('onnx')
    for path in quantized[1]['files']:
        graph = onnx.load(path).graph
        made = {output: node for node in graph.node for output in node.output}
        for node in graph.node:
            if node.op_type in ('Conv', 'MatMul', 'Gemm'):
                inputs = [made[name].op_type for name in node.input[:2] if name in made]
                assert ('DequantizeLinear' in inputs) == (node.op_type == 'Conv'), node.name


def test_says_so_and_is_not_quantized_twice(quantized, exported, windows, tmp_path):
    path, report = quantized
    heads, clips = (read_info(name) for name in report['files'])
    assert heads.precision == clips.precision == 'int8' and heads.export_id == clips.export_id
    assert heads.export_id != read_info(exported[0]).export_id
    with pytest.raises(LaunchError, match='has int8 convolutions already'):
        quantize_onnx(path, str(tmp_path / 'again.onnx'), windows)


def test_detects_much_the_same(quantized, exported, windows):
    ours, theirs = (load_exported(path)(windows)[0] for path in (quantized[0], exported[0]))
    assert not torch.equal(ours.scores, theirs.scores)
    assert (ours.scores - theirs.scores).abs().max() < 0.1


def test_refused_if_it_loses_too_much(exported, windows, tmp_path, monkeypatch):
    scores = iter([50., 48.])
    monkeypatch.setattr(quantization, 'score_detector', lambda model, cfg: ('step2/overall', next(scores)))
    with pytest.raises(LaunchError, match=r'int8 loses 2.00 points of step2/overall \(50.00 -> 48.00\)'):
        quantize_onnx(exported[0], str(tmp_path / 'a.onnx'), windows, small_config(), most=1.5)
    assert list(tmp_path.iterdir()) == []
