"""What runs a part of a model."""
import subprocess
import sys

import pytest
import torch

from mmstep.apis.deployment.graphs import Part
from mmstep.apis.deployment.runtimes import CompiledRuntime, OnnxRuntime, OpenVinoRuntime, run_parts
from mmstep.errors import LaunchError

CPU = torch.device('cpu')


@pytest.fixture
def doubling(tmp_path):
    """A graph that doubles bytes."""
    onnx = pytest.importorskip('onnx')
    kinds = onnx.TensorProto
    nodes = [
        onnx.helper.make_node('Cast', ['frames'], ['numbers'], to=kinds.FLOAT),
        onnx.helper.make_node('Add', ['numbers', 'numbers'], ['doubled'])
    ]
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(nodes, 'doubling', [value('frames', kinds.UINT8, ['batch', 2])],
                                   [value('doubled', kinds.FLOAT, ['batch', 2])])
    path = tmp_path / 'doubling.onnx'
    path.write_bytes(
        onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid('', 18)],
                               ir_version=10).SerializeToString())
    return str(path)


@pytest.mark.parametrize('package, kind', [('onnxruntime', OnnxRuntime), ('openvino', OpenVinoRuntime)])
class TestFiles:

    def test_any_batch(self, doubling, package, kind):
        pytest.importorskip(package)
        runtime = kind(doubling)
        for size in (1, 3, 2):
            batch = torch.arange(2 * size, dtype=torch.uint8).view(2, size).t()  # not contiguous
            assert torch.equal(runtime(batch)['doubled'], 2. * batch)

    def test_what_is_no_graph(self, tmp_path, package, kind):
        pytest.importorskip(package)
        (tmp_path / 'a.onnx').write_bytes(b'no graph')
        with pytest.raises(LaunchError, match='a.onnx: .* refuses it') as error:
            kind(str(tmp_path / 'a.onnx'))
        assert '\n' not in str(error.value)


def test_results_stay_when_the_next_batch_comes(doubling):
    pytest.importorskip('openvino')
    runtime = OpenVinoRuntime(doubling)
    first = runtime(torch.ones(1, 2, dtype=torch.uint8))['doubled']
    runtime(torch.zeros(1, 2, dtype=torch.uint8))
    assert first.tolist() == [[2, 2]]


def test_no_cuda(doubling):
    ort = pytest.importorskip('onnxruntime')
    if 'CUDAExecutionProvider' in ort.get_available_providers():
        pytest.skip('this onnxruntime has CUDA')
    with pytest.raises(LaunchError, match='onnxruntime has no CUDA'):
        OnnxRuntime(doubling, torch.device('cuda:0'))


def test_no_compiler(monkeypatch, tmp_path):
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(LaunchError, match='backend compile needs a C\\+\\+ compiler'):
        CompiledRuntime(Part(torch.nn.Identity(), torch.zeros(2, 1), {}, ['y']), CPU)


class Both(torch.nn.Module):
    """Two outputs of one input."""

    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 2)

    def forward(self, x):
        return self.linear(x), x.sum(dim=1)


class Convolved(torch.nn.Module):
    """One output of one convolution."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv3d(4, 8, 3)

    def forward(self, x):
        return self.conv(x).relu(),


@pytest.mark.slow
def test_compiled():
    part = Part(Both().eval(), torch.rand(2, 3), {}, ['y', 'sum'])
    runtime = CompiledRuntime(part, CPU)
    for size in (2, 3):
        batch = torch.rand(size, 3)
        found = runtime(batch)
        with torch.no_grad():
            assert torch.allclose(found['y'], part.module(batch)[0], atol=1e-5)
        assert torch.allclose(found['sum'], batch.sum(dim=1))


@pytest.mark.slow
def test_compiled_convolutions_have_packed_weights():
    part = Part(Convolved().eval(), torch.rand(2, 4, 4, 8, 8), {}, ['y'])
    runtime = CompiledRuntime(part, CPU)
    runtime(part.example)
    with torch.profiler.profile() as profile:
        runtime(part.example)
    assert 'mkldnn::_convolution_pointwise' in [event.key for event in profile.key_averages()]


def test_clips_go_by_themselves_and_come_back_in_time():
    seen = []

    def clips(batch):
        seen.append(tuple(batch.shape))
        return dict(feats=batch[:, :, ::2].float())

    windows = torch.arange(2 * 6).view(2, 1, 6, 1, 1)
    found = run_parts(dict(clips=clips, heads=lambda feats: dict(feats=feats)), windows, 3)['feats']
    assert seen == [(6, 1, 2, 1, 1)]
    assert found.flatten().tolist() == [0, 2, 4, 6, 8, 10]
    assert found.shape == (2, 1, 3, 1, 1)


SIGNALS = """
import signal, sys
import numpy, torch
from mmstep.apis.deployment.runtimes import OpenVinoRuntime
torch.zeros(1)
first, second = OpenVinoRuntime(sys.argv[1]), OpenVinoRuntime(sys.argv[1])
del first
del second
signal.signal(signal.SIGINT, lambda *_: print('handled'))
signal.raise_signal(signal.SIGINT)
"""


@pytest.mark.slow
def test_signals_after_openvino_files_are_gone(doubling):
    """In a process of its own: the fault is a segmentation fault."""
    pytest.importorskip('openvino')
    done = subprocess.run([sys.executable, '-X', 'faulthandler', '-c', SIGNALS, doubling],
                          capture_output=True,
                          text=True)
    assert (done.returncode, done.stdout) == (0, 'handled\n'), done.stderr
