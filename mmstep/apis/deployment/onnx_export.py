"""From a detector to ONNX files that are checked before they get their names."""
import json
import logging
import os.path as osp
import uuid
import warnings
from contextlib import ExitStack, contextmanager
from typing import Any, Dict, Iterator, List, Optional

import torch
from mmengine.config import Config

from mmstep.errors import LaunchError
from mmstep.utils import AtomicFile, write_text
from mmstep.version import __version__
from ..config_reading import class_ids, class_names
from .agreement import Tolerance, compare_steps, require_agreement
from .export_info import ExportInfo
from .graphs import Part, build_parts, trace, window_settings
from .packages import require_package
from .runtimes import OnnxRuntime
from .suppression import add_suppression
from .windows import made_up_windows, windows_of_videos

# The lowest one that torch's exporter writes without conversion; ONNX Runtime, OpenVINO and TensorRT 10 read it.
OPSET = 18
WINDOWS = 3  # to compare on: one of them alone, the others in one batch


def export_paths(out: str, pair: bool) -> Dict[str, str]:
    """Names of the files of an export.

    Args:
        out (str): What the user calls it, OUT.onnx.
        pair (bool): Whether the clips' features are made by a file of their own.

    Returns:
        dict[str, str]: By kind: 'window', or 'heads' (OUT.onnx) and 'clips' (OUT.clips.onnx).
    """
    return dict(heads=out, clips=f'{osp.splitext(out)[0]}.clips.onnx') if pair else dict(window=out)


def export_onnx(model: Any,
                out: str,
                nms: bool = False,
                one_file: bool = False,
                video: Optional[str] = None,
                tolerance: Tolerance = Tolerance(),
                opset: int = OPSET) -> Dict[str, Any]:
    """Exports a detector, compares the files with it and gives them their names.

    Nothing is written unless scores and boxes of every step agree.

    Args:
        model (nn.Module): From :func:`init_detector`, on the CPU.
        out (str): OUT.onnx. The figures go into OUT.json.
        nms (bool): Whether the last step's scores come after suppression, too. Defaults to False.
        one_file (bool): Whether a model of independent clips becomes one file. Defaults to False.
        video (str, optional): File whose windows are compared. Defaults to pictures that are made up.
        tolerance (Tolerance): What may differ.
        opset (int): Version of ONNX's operators. Defaults to 18.

    Returns:
        dict: ``files``, ``windows``, ``steps`` (``score`` and ``px`` of each: the largest differences) and more, as in
        OUT.json.

    Raises:
        LaunchError: If a package is missing, the model cannot be exported, a file cannot be written, or they differ.
    """
    for name in ('onnx', 'onnxscript', 'onnxruntime'):
        require_package(name, 'onnx')
    cfg: Config = model.cfg
    parts = build_parts(model, cfg, one_file)
    last = model.roi_head.num_steps if hasattr(model, 'roi_head') else 0
    if nms and not last:
        raise LaunchError(f'--nms: {type(model).__name__} fuses what its streams find before it suppresses')
    paths = export_paths(out, 'clips' in parts)
    infos = describe(model, parts, paths)
    windows = made_up_windows(cfg,
                              next(iter(parts.values())).input, WINDOWS) if video is None else windows_of_videos(
                                  cfg, [video], WINDOWS)
    report: Dict[str, Any] = dict(
        files=[osp.basename(path) for path in paths.values()],
        opset=opset,
        windows=len(windows),
        source=video or 'pictures made up',
        mmstep=__version__,
        torch=torch.__version__,
        onnxruntime=require_package('onnxruntime', 'onnx').__version__,
        tolerance=tolerance._asdict())
    with ExitStack() as stack:
        # Left in the reverse order: the file that the user names gets its name last.
        files = {kind: stack.enter_context(AtomicFile(path)) for kind, path in paths.items()}
        for kind, part in parts.items():
            suppression = model.roi_head.test_cfg if nms and kind != 'clips' else None
            write_part(files[kind], part, infos[kind], opset, suppression, last)
        runtimes = {kind: OnnxRuntime(file) for kind, file in files.items()}
        report['steps'] = compare_steps(parts, runtimes, windows, window_settings(cfg)['num_clips'])
        require_agreement(report['steps'], tolerance, out)
    write_text(f'{osp.splitext(out)[0]}.json', json.dumps(report, indent=2) + '\n')
    return report


def describe(model: Any, parts: Dict[str, Part], paths: Dict[str, str]) -> Dict[str, ExportInfo]:
    """What the files of an export say of themselves.

    Args:
        model (nn.Module): The detector, with its config as ``cfg``.
        parts (dict[str, Part]): Its parts.
        paths (dict[str, str]): Their files.

    Returns:
        dict[str, ExportInfo]: By kind.
    """
    classes = class_names(model.cfg) or []
    common: Dict[str, Any] = dict(
        files={
            kind: osp.basename(path)
            for kind, path in paths.items()
        },
        export_id=uuid.uuid4().hex,
        version=__version__,
        num_steps=(model.streams[0] if hasattr(model, 'streams') else model).roi_head.num_steps,
        window=window_settings(model.cfg),
        classes=classes,
        class_ids=class_ids(model.cfg, len(classes)),
        suppressed=[],
        precision='fp32',
        config=model.cfg.to_dict())
    return {
        kind: ExportInfo(kind=kind, input=part.input, outputs=part.outputs, **common)
        for kind, part in parts.items()
    }


def write_part(path: str,
               part: Part,
               info: ExportInfo,
               opset: int = OPSET,
               test_cfg: Optional[dict] = None,
               step: int = 0) -> None:
    """Writes one ONNX file.

    Args:
        path (str): The file.
        part (Part): What it computes.
        info (ExportInfo): Its metadata.
        opset (int): Version of ONNX's operators.
        test_cfg (dict, optional): Settings of the suppression that is appended. Defaults to none.
        step (int): Of which step the suppression takes what comes out.
    """
    onnx = require_package('onnx', 'onnx')
    with torch.no_grad(), _quiet():
        program = torch.onnx.export(
            trace(part),
            dynamo=True,
            opset_version=opset,
            input_names=[part.input['name']],
            output_names=part.outputs,
            verbose=False)
    assert program is not None
    proto = program.model_proto
    _name_batch(proto.graph)
    added: List[str] = [] if test_cfg is None else add_suppression(proto.graph, step, test_cfg)
    fields = {**vars(info), 'outputs': [*info.outputs, *added], 'suppressed': added}
    ExportInfo(**fields).attach(proto)
    proto.producer_name, proto.producer_version = 'mmstep', __version__
    proto.doc_string = f'{info.kind}: {", ".join(fields["outputs"])} of {info.input["name"]}; see the metadata'
    onnx.checker.check_model(proto)
    onnx.save_model(proto, path)


def _name_batch(graph: Any) -> None:
    """Calls the first axis of what goes in and out 'batch'; where each node is from is for nobody but torch."""
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = 'batch'
    for node in graph.node:
        del node.metadata_props[:]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps back what the exporter says of itself: packages that it does not need, names that it will change."""
    logger = logging.getLogger('torch.onnx')
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        logger.setLevel(level)
