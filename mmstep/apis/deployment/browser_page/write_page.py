"""From an exported detector to a folder of plain files that any web server can give out.

The page takes frames from a video element, and ONNX Runtime's build for browsers runs the whole loop: no video leaves
the visitor's machine, and the server computes nothing.
"""
import json
import os
import os.path as osp
import shutil
import tarfile
import tempfile
from typing import Any, Dict, Optional

from mmstep.checkpoints.sources.catalog import Source
from mmstep.checkpoints.sources.fetch import download
from mmstep.errors import LaunchError
from mmstep.utils import cannot_write
from ..export_info import ExportInfo, read_info
from ..suppression import KEPT

PAGE = ('index.html', 'page.js', 'detector.js', 'worker.js')
VERSION = '1.22.0'
# Its only build for the processor: a small loader, and the program.
FILES = ('ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm')
RUNTIME = Source(
    name='onnxruntime-web',
    what="ONNX Runtime's build for browsers",
    licence='MIT',
    page='https://www.npmjs.com/package/onnxruntime-web',
    megabytes=20,
    used_by='tools/deployment/browser_page.py',
    convert='give it as --runtime {file}',
    address=f'https://registry.npmjs.org/onnxruntime-web/-/onnxruntime-web-{VERSION}.tgz',
    sha256='e293551f9d36d003e293d0f2937fee7b3dfdcef76d71d1449b55e2d4157c7aea')


def write_browser_page(model: str, folder: str, video: Optional[str] = None, runtime: Optional[str] = None) -> None:
    """Writes a page that detects in the visitor's browser.

    Args:
        model (str): From ``export_onnx.py --nms --one-file``.
        folder (str): Where the page goes; a new or an empty one.
        video (str, optional): An example, which visitors can choose.
        runtime (str, optional): The npm package of ONNX Runtime as .tgz. Defaults to the one that is fetched, once.

    Raises:
        LaunchError: If the model cannot run there, a file is missing or cannot be fetched, or the folder is not empty.
    """
    about = describe(read_info(model), model)
    for path in (video, runtime):
        if path is not None and not osp.isfile(path):
            raise LaunchError(f'{path}: there is no such file')
    if video is not None:
        about['example'] = f'example{osp.splitext(video)[1]}'
    if osp.lexists(folder) and not (osp.isdir(folder) and not os.listdir(folder)):
        raise LaunchError(f'{folder} is there and not an empty folder; name a new one')
    package = runtime or download(RUNTIME)
    target = osp.realpath(folder)
    parent = osp.dirname(target)
    try:
        os.makedirs(parent, exist_ok=True)
        # Written beside it and renamed: the folder is there whole or not at all.
        with tempfile.TemporaryDirectory(prefix=f'.{osp.basename(target)}.', dir=parent) as beside:
            made = osp.join(beside, 'page')
            os.makedirs(osp.join(made, 'runtime'))
            for name in PAGE:
                shutil.copyfile(osp.join(osp.dirname(__file__), name), osp.join(made, name))
            _unpack(package, osp.join(made, 'runtime'))
            shutil.copyfile(model, osp.join(made, 'model.onnx'))
            if video is not None:
                shutil.copyfile(video, osp.join(made, about['example']))
            with open(osp.join(made, 'page.json'), 'w', encoding='utf-8') as file:
                json.dump(about, file, indent=2)
            os.replace(made, target)
    except OSError as error:
        raise cannot_write(folder, error) from error


def describe(info: ExportInfo, path: str) -> Dict[str, Any]:
    """What the page has to know of a model.

    Args:
        info (ExportInfo): What the file says of itself.
        path (str): The file.

    Returns:
        dict: ``model``, ``window``, ``input``, ``scores`` and ``tubes`` (names of what goes in and comes out),
        ``classes`` and ``example`` (None).

    Raises:
        LaunchError: If a page cannot run it; says how to export one that it can.
    """
    again = 'export it again with --nms --one-file'
    if info.kind != 'window':
        raise LaunchError(f'{path} is one of the two files of a model of independent clips: {again}')
    if KEPT not in info.suppressed:
        raise LaunchError(f'{path} has no {KEPT}: {again}')
    if info.input['name'] != 'frames':
        raise LaunchError(
            f'{path} takes optical flow, which the page does not compute; a model of RGB alone can be used')
    if info.window['fps'] is None:
        raise LaunchError(
            f'{path} takes every frame of a video, and browsers do not say which frames there are; a model '
            'with SampleTubeWindow, which has a rate of its own, can be used')
    classes = info.classes or [f'class {number}' for number in info.class_ids]
    return dict(
        model=osp.splitext(osp.basename(path))[0],
        window={key: info.window[key]
                for key in ('clip_len', 'num_clips', 'fps', 'height', 'width')},
        input=info.input['name'],
        scores=KEPT,
        tubes=f'tubes_step{info.num_steps}',
        classes=classes,
        example=None)


def _unpack(package: str, folder: str) -> None:
    """Takes the files that a page needs out of the npm package."""
    try:
        with tarfile.open(package) as archive:
            for name in FILES:
                member = archive.extractfile(f'package/dist/{name}')
                if member is None:
                    raise KeyError(name)
                with member, open(osp.join(folder, name), 'wb') as out:
                    shutil.copyfileobj(member, out)
    except (KeyError, tarfile.TarError, EOFError) as error:
        raise LaunchError(
            f'{package} is not the npm package onnxruntime-web {VERSION} or a later one: {error}') from error
