"""From a model, or the files of an export, to a detector that runs in a backend of the user's choice."""
import copy
import os.path as osp
import tempfile
from typing import Any, Dict, Optional

import torch
from mmengine.config import Config
from torch import nn

from mmstep.engine.arguments import BACKENDS
from mmstep.errors import LaunchError
from .export_info import ExportInfo, read_info
from .exported_detector import ExportedDetector
from .graphs import Part, build_parts, window_settings
from .onnx_export import describe, export_paths, write_part
from .packages import require_package
from .runtimes import CompiledRuntime, OnnxRuntime, OpenVinoRuntime, Runtime

ENDING = '.onnx'


def is_exported(path: Optional[str]) -> bool:
    """Whether a file of weights is one of an export."""
    return path is not None and path.endswith(ENDING)


def choose_backend(backend: Optional[str], weights: Optional[str]) -> str:
    """The backend that a user wants.

    Args:
        backend (str, optional): One of :data:`BACKENDS`; None for 'eager', or 'onnxruntime' for an exported file.
        weights (str, optional): File of the weights.

    Returns:
        str: The backend.

    Raises:
        LaunchError: If there is no such backend, or it cannot run the file.
    """
    if backend is None:
        return 'onnxruntime' if is_exported(weights) else 'eager'
    if backend not in BACKENDS:
        raise LaunchError(f'backend {backend!r} is unknown; choose {", ".join(BACKENDS)}')
    if is_exported(weights) and backend in ('eager', 'compile'):
        raise LaunchError(f'{weights}: backend {backend} runs checkpoints of PyTorch; an exported file runs in '
                          'onnxruntime or openvino')
    return backend


def move_to_backend(model: Any, backend: str, dtype: str = 'fp32') -> nn.Module:
    """Takes a detector to another backend than torch's eager mode.

    Args:
        model (nn.Module): From :func:`init_detector`, with its config as ``cfg``.
        backend (str): One of :data:`BACKENDS`. For ONNX Runtime and OpenVINO it is exported into a temporary folder.
        dtype (str): 'fp32' or, in OpenVINO and compiled, 'bf16': what it computes in.

    Returns:
        nn.Module: The model itself for 'eager', else an :class:`ExportedDetector`.

    Raises:
        LaunchError: If a package is missing, the model cannot be taken apart, or it is to stay eager and compute in
            another type.
    """
    if backend == 'eager':
        if dtype != 'fp32':
            raise LaunchError(f'dtype {dtype} comes too late for a model that is built: give it to init_detector')
        return model
    cfg, device = model.cfg, next(model.parameters()).device
    _check_dtype(backend, dtype)
    _refuse_fusion(cfg)
    if backend == 'compile':
        parts = build_parts(model.cpu(), cfg)
        return _detector(cfg, {kind: CompiledRuntime(part, device, dtype) for kind, part in parts.items()})
    _require(backend)
    parts = build_parts(copy.deepcopy(model).cpu(), cfg)
    with tempfile.TemporaryDirectory(prefix='mmstep_') as folder:
        return _detector(cfg, _export(model, parts, osp.join(folder, 'model.onnx'), backend, device, dtype))


def load_exported(path: str,
                  cfg: Optional[Config] = None,
                  backend: str = 'onnxruntime',
                  device: torch.device = torch.device('cpu'),
                  dtype: str = 'fp32') -> ExportedDetector:
    """Makes a detector of the files of an export.

    Args:
        path (str): One of them.
        cfg (Config, optional): The config. Defaults to that in the file.
        backend (str): 'onnxruntime' or 'openvino'. Defaults to 'onnxruntime'.
        device (torch.device): Where ONNX Runtime runs it. Defaults to the CPU.
        dtype (str): What OpenVINO computes in. Defaults to 'fp32'.

    Returns:
        ExportedDetector: The detector.

    Raises:
        LaunchError: If a package or a file is missing, files are of different exports, or the config has other windows
            or classes than the file.
    """
    _check_dtype(backend, dtype)
    _require(backend)
    info = read_info(path)
    files = {kind: osp.join(osp.dirname(path), name) for kind, name in info.files.items()}
    files[info.kind] = path
    for kind, file in files.items():
        if not osp.isfile(file):
            raise LaunchError(f'{path} is one of two files, and the other one, {file}, does not exist')
        if kind != info.kind and read_info(file).export_id != info.export_id:
            raise LaunchError(f'{path} and {file} are of different exports: export the model again')
    if cfg is None:
        cfg = info.to_config(path)
    _require_fitting(cfg, info, path)
    return _detector(cfg, {kind: _open(file, backend, device, dtype) for kind, file in files.items()})


def _require_fitting(cfg: Config, info: ExportInfo, path: str) -> None:
    _refuse_fusion(cfg)
    for key, value in window_settings(cfg).items():
        if info.window[key] != value:
            raise LaunchError(
                f'{path} takes windows with {key}={info.window[key]}, and {cfg.filename} makes them with '
                f'{key}={value}: export the model with this config')
    names = cfg.get('class_names')
    if names and info.classes and list(names) != info.classes:
        raise LaunchError(f'{path} and {cfg.filename} name other classes: export the model with this config')


def _refuse_fusion(cfg: Config) -> None:
    """Refuses what is put together of several detectors, whose results the graphs leave apart."""
    if cfg.model.get('streams'):
        raise LaunchError(f'{cfg.filename}: a fusion of several detectors runs in backend eager alone')


def _check_dtype(backend: str, dtype: str) -> None:
    possible = dict(compile=('fp32', 'bf16'), onnxruntime=('fp32', ), openvino=('fp32', 'bf16'))[backend]
    if dtype not in possible:
        raise LaunchError(f'backend {backend} computes in {" or ".join(possible)} here, not in {dtype}')


def _require(backend: str) -> None:
    for name in ('onnx', backend):
        require_package(name, 'openvino' if backend == 'openvino' else 'onnx')


def _export(model: Any, parts: Dict[str, Part], out: str, backend: str, device: torch.device,
            dtype: str) -> Dict[str, Runtime]:
    require_package('onnxscript', 'openvino' if backend == 'openvino' else 'onnx')
    paths = export_paths(out, 'clips' in parts)
    infos = describe(model, parts, paths)
    for kind, part in parts.items():
        write_part(paths[kind], part, infos[kind])
    return {kind: _open(path, backend, device, dtype) for kind, path in paths.items()}


def _open(path: str, backend: str, device: torch.device, dtype: str) -> Runtime:
    return OpenVinoRuntime(path, dtype) if backend == 'openvino' else OnnxRuntime(path, device)


def _detector(cfg: Config, parts: Dict[str, Runtime]) -> ExportedDetector:
    window = window_settings(cfg)
    return ExportedDetector(cfg, parts, (window['height'], window['width']), cfg.model.roi_head.num_steps).eval()
