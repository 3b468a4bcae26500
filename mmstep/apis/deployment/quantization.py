"""8-bit convolutions for exported files, calibrated on windows."""
import logging
import os.path as osp
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, Dict, Iterator, Optional

import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor

from mmstep.errors import LaunchError
from mmstep.utils import AtomicFile
from .backends import load_exported
from .export_info import read_info
from .onnx_export import export_paths
from .packages import require_package
from .runtimes import OnnxRuntime
from .scoring import score_detector

# Linear layers decide over boxes and scores, and cost little: they stay as they are.
QUANTIZED = ['Conv']


class Feed:
    """Hands a batch to ONNX Runtime's calibration, one row at a time.

    Args:
        name (str): Name of the graph's input.
        batch (Tensor): What goes in.
    """

    def __init__(self, name: str, batch: Tensor) -> None:
        self._name = name
        self._rows = iter(batch.split(1))

    def get_next(self) -> Optional[Dict[str, np.ndarray]]:
        """Gives the next row by the name of its input, or None."""
        row = next(self._rows, None)
        return None if row is None else {self._name: row.contiguous().numpy()}


def quantize_onnx(path: str,
                  out: str,
                  windows: Tensor,
                  check: Optional[Config] = None,
                  most: float = 0.5,
                  backend: str = 'onnxruntime') -> Dict[str, Any]:
    """Quantizes the convolutions of an export to 8 bits.

    Args:
        path (str): One of its files.
        out (str): OUT.onnx; a pair gets OUT.clips.onnx too.
        windows (Tensor): What the ranges of numbers are taken from, shape (n, C, num_clips * K, H, W).
        check (Config, optional): On whose validation data both are scored before anything gets its name.
        most (float): Points of mAP that may be lost. Defaults to 0.5.
        backend (str): What scores them. Defaults to 'onnxruntime'.

    Returns:
        dict: ``files`` and, with ``check``, ``metric``, ``fp32``, ``int8`` and ``lost``, in points.

    Raises:
        LaunchError: If a package is missing, the files are quantized already, or they lose too much.
    """
    onnx = require_package('onnx', 'onnx')
    require_package('onnxruntime', 'onnx')
    info = read_info(path)
    if info.precision != 'fp32':
        raise LaunchError(f'{path} has {info.precision} convolutions already: quantize the export of the model')
    sources = {kind: osp.join(osp.dirname(path), name) for kind, name in info.files.items()}
    sources[info.kind] = path
    paths = export_paths(out, 'clips' in sources)
    names = {kind: osp.basename(name) for kind, name in paths.items()}
    report: Dict[str, Any] = dict(files=list(paths.values()))
    with ExitStack() as stack:
        # Left in the reverse order: the file that the user names gets its name last.
        files = {kind: stack.enter_context(AtomicFile(name)) for kind, name in paths.items()}
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix='mmstep_'))
        drafts = {kind: osp.join(folder, name) for kind, name in names.items()}
        for kind, batch in calibration_batches(sources, windows, info.window['num_clips']).items():
            own = read_info(sources[kind])
            quantize_part(sources[kind], drafts[kind], Feed(own.input['name'], batch))
            model = onnx.load(drafts[kind])
            replace(own, files=names, precision='int8', export_id=f'{own.export_id}-int8').attach(model)
            onnx.save_model(model, drafts[kind])
        if check is not None:
            report.update(_score_both(path, next(iter(drafts.values())), check, backend))
            if report['lost'] > most:
                raise LaunchError(
                    f'{out} is not written: int8 loses {report["lost"]:.2f} points of {report["metric"]} '
                    f'({report["fp32"]:.2f} -> {report["int8"]:.2f}), and {most:g} are allowed. More '
                    '--videos for the calibration may help')
        for kind, file in files.items():
            shutil.copyfile(drafts[kind], file)
    return report


def calibration_batches(sources: Dict[str, str], windows: Tensor, num_clips: int) -> Dict[str, Tensor]:
    """What goes into each file of an export for some windows.

    Args:
        sources (dict[str, str]): The files by kind.
        windows (Tensor): Shape (n, C, num_clips * K, H, W).
        num_clips (int): Clips of a window.

    Returns:
        dict[str, Tensor]: Batches by kind.
    """
    if 'window' in sources:
        return dict(window=windows)
    clips = windows.unflatten(2, (num_clips, -1)).transpose(1, 2).flatten(0, 1)
    runtime = OnnxRuntime(sources['clips'])
    feats = torch.cat([runtime(clip)['feats'] for clip in clips.split(1)])
    return dict(heads=feats.unflatten(0, (-1, num_clips)).transpose(1, 2).flatten(2, 3), clips=clips)


def quantize_part(path: str, out: str, feed: Feed) -> None:
    """Quantizes the convolutions of one file: weights by channel, what goes in and out by tensor.

    Args:
        path (str): The file.
        out (str): The new one.
        feed (Feed): What the ranges are taken from.
    """
    quantization = require_package('onnxruntime.quantization', 'onnx')
    with _quiet():
        quantization.quantize_static(
            path,
            out,
            feed,
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=QUANTIZED,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8)


def _score_both(path: str, draft: str, cfg: Config, backend: str) -> Dict[str, Any]:
    scores = {}
    for precision, name in dict(fp32=path, int8=draft).items():
        metric, scores[precision] = score_detector(load_exported(name, cfg, backend), cfg)
    return dict(metric=metric, lost=scores['fp32'] - scores['int8'], **scores)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps back the advice to run a preparation, which the exporter has done already."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
