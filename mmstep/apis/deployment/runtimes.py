"""What runs a part of a model: torch's compiler, ONNX Runtime or OpenVINO; each from one array to several."""
import shutil
from functools import lru_cache
from importlib import import_module
from typing import Any, Dict, List, Mapping, Protocol

import numpy as np
import torch
from torch import Tensor

from mmstep.errors import LaunchError
from .graphs import Part, trace
from .packages import require_package

COMPILERS = ('g++', 'clang++', 'c++', 'cl')


class Runtime(Protocol):
    """Runs one part of a model."""

    def __call__(self, batch: Tensor) -> Dict[str, Tensor]:
        """From a batch to outputs by name."""


def run_parts(parts: Mapping[str, Runtime], windows: Tensor, num_clips: int) -> Dict[str, Tensor]:
    """Runs whole windows through the parts of a model.

    Args:
        parts (dict[str, Runtime]): 'window', or 'clips' and 'heads'.
        windows (Tensor): Shape (B, C, num_clips * K, H, W).
        num_clips (int): Clips of a window.

    Returns:
        dict[str, Tensor]: Outputs by name, such as ``scores_step1`` (B, M, C) and ``tubes_step1`` (B, M, T_s, 4).
    """
    if 'window' in parts:
        return parts['window'](windows)
    clips = windows.unflatten(2, (num_clips, -1)).transpose(1, 2).flatten(0, 1)
    feats = parts['clips'](clips)['feats'].unflatten(0, (len(windows), num_clips))
    return parts['heads'](feats.transpose(1, 2).flatten(2, 3))


class CompiledRuntime:
    """A part compiled by ``torch.compile`` with its weights frozen.

    Args:
        part (Part): The part.
        device (torch.device): Where it runs.
        dtype (str): 'fp32', or 'bf16' for autocast.

    Raises:
        LaunchError: If there is no C++ compiler.
    """

    def __init__(self, part: Part, device: torch.device, dtype: str = 'fp32') -> None:
        if device.type == 'cpu' and not any(map(shutil.which, COMPILERS)):
            raise LaunchError(f'backend compile needs a C++ compiler, and there is none of {", ".join(COMPILERS)}')
        # Traced first, so that there is no Python to fall back to between two compiled pieces.
        graph: Any = trace(part).module().to(device)
        for node in list(graph.graph.nodes):
            # They compare with types before autocast.
            if node.target is torch.ops.aten._assert_tensor_metadata.default:
                graph.graph.erase_node(node)
        graph.recompile()
        self._run: Any = torch.compile(graph)
        self._settings: Any = import_module('torch._inductor.config')  # seconds that only this class needs
        self._outputs = part.outputs
        self._device = device
        self._autocast = dtype == 'bf16'

    def __call__(self, batch: Tensor) -> Dict[str, Tensor]:
        """Runs the part."""
        # For all of the compiler: Dynamo asks here whether weights are constants, and as an option of this one graph
        # it would go unheard, which costs convolutions their packed weights.
        with torch.no_grad(), self._settings.patch(freezing=True), \
                torch.autocast(self._device.type, torch.bfloat16, enabled=self._autocast):
            return dict(zip(self._outputs, self._run(batch.to(self._device))))


class OnnxRuntime:
    """An ONNX file in ONNX Runtime, with as many threads as torch has.

    Args:
        path (str): The file.
        device (torch.device): CPU or CUDA.

    Raises:
        LaunchError: If the package is missing, cannot use the device, or refuses the file.
    """

    def __init__(self, path: str, device: torch.device = torch.device('cpu')) -> None:
        ort = require_package('onnxruntime', 'onnx')
        options = ort.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3
        providers: List[Any] = ['CPUExecutionProvider']
        if device.type == 'cuda':
            if 'CUDAExecutionProvider' not in ort.get_available_providers():
                raise LaunchError(f'device {device}: this onnxruntime has no CUDA; install onnxruntime-gpu in its '
                                  'place, or take --device cpu')
            providers.insert(0, ('CUDAExecutionProvider', dict(device_id=device.index or 0)))
        try:
            self._session = ort.InferenceSession(path, options, providers=providers)
        except Exception as error:  # noqa: B902  of kinds of its own
            raise LaunchError(f'{path}: ONNX Runtime refuses it: {str(error).splitlines()[0]}') from error
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]

    def __call__(self, batch: Tensor) -> Dict[str, Tensor]:
        """Runs the file."""
        found = self._session.run(None, {self._input: batch.cpu().contiguous().numpy()})
        return {name: torch.from_numpy(value) for name, value in zip(self._outputs, found)}


class OpenVinoRuntime:
    """An ONNX file in OpenVINO on the CPU, with as many threads as torch has.

    Args:
        path (str): The file.
        dtype (str): 'fp32' or 'bf16': what it computes in; bfloat16 only where the processor has it.

    Raises:
        LaunchError: If the package is missing or refuses the file.
    """

    def __init__(self, path: str, dtype: str = 'fp32') -> None:
        core = _openvino_core()
        settings = {
            'PERFORMANCE_HINT': 'LATENCY',
            'INFERENCE_NUM_THREADS': torch.get_num_threads(),
            'INFERENCE_PRECISION_HINT': dict(fp32='f32', bf16='bf16')[dtype]
        }
        try:
            self._program = core.compile_model(core.read_model(path), 'CPU', settings)
        except RuntimeError as error:
            raise LaunchError(f'{path}: OpenVINO refuses it: {str(error).splitlines()[-1]}') from error
        self._outputs = [output.get_any_name() for output in self._program.outputs]

    def __call__(self, batch: Tensor) -> Dict[str, Tensor]:
        """Runs the file."""
        found = self._program(batch.cpu().contiguous().numpy(), share_inputs=True)
        return {name: torch.from_numpy(np.array(found[index])) for index, name in enumerate(self._outputs)}


@lru_cache(maxsize=None)
def _openvino_core() -> Any:
    """OpenVINO's core, one for the life of the process.

    Each core gives the thread another stack for signals and at its end puts back the one before, which by then may be
    that of a core that has ended: the next signal, Ctrl-C for instance, would end the process by SIGSEGV.
    """
    return require_package('openvino', 'openvino').Core()
