"""What benchmark_inference.py times, each row in a process of its own that may import another checkout of the project.

A process gets settings of :func:`run_row` as JSON in its first argument, and is then told line by line on its standard
input to 'run' (it answers the seconds), to 'save' raw outputs, or to 'end' (it answers its peak memory).
"""
import copy
import json
import os
import os.path as osp
import resource
import sys
import tempfile
import time
from typing import Any, Callable, Dict, List, Optional

import torch
from mmengine.config import Config
from mmengine.structures import InstanceData
from torch import Tensor

# From the frames of windows (B, 3, F, H, W) uint8 to whatever comes out.
Window = Callable[[Tensor], Any]
PERSONS = 3


class Ready:
    """A row that can be timed.

    Args:
        window (Callable): Takes windows and is timed.
        outputs (Callable, optional): From windows to the scores and tubes of the steps, for rows to compare.
    """

    def __init__(self, window: Window, outputs: Optional[Callable[[Tensor], List[Any]]] = None) -> None:
        self.window = window
        self.outputs = outputs


def samples_of(windows: Tensor) -> list:
    """A data sample of each window, with boxes for the configs that begin from those of a person detector."""
    from mmaction.structures import ActionDataSample
    height, width = windows.shape[-2:]
    return [ActionDataSample(proposals=InstanceData(bboxes=person_boxes(width, height))) for _ in windows]


def person_boxes(width: int, height: int) -> Tensor:
    """Some persons side by side (n, 4) in pixels."""
    left = torch.arange(PERSONS) / PERSONS
    boxes = torch.stack([left, torch.full_like(left, .2), left + .9 / PERSONS, torch.full_like(left, .95)], 1)
    return boxes * torch.tensor([width, height, width, height])


def whole(settings: dict, **kwargs: Any) -> Ready:
    """From frames to detections: a detector as ``init_detector`` makes it with some of its arguments."""
    from mmstep.apis import init_detector
    return _of_model(init_detector(settings['config'], settings['weights'], None, settings['cfg_options'], **kwargs))


def int8(settings: dict) -> Ready:
    """The exported detector with 8-bit convolutions, in OpenVINO; the ranges of numbers are those of the window."""
    from mmstep.apis import init_detector
    from mmstep.apis.deployment.backends import load_exported
    from mmstep.apis.deployment.onnx_export import export_onnx
    from mmstep.apis.deployment.quantization import quantize_onnx
    model = init_detector(settings['config'], settings['weights'], 'cpu', settings['cfg_options'])
    with tempfile.TemporaryDirectory(prefix='mmstep_') as folder:
        path, small = osp.join(folder, 'fp32.onnx'), osp.join(folder, 'int8.onnx')
        export_onnx(model, path)
        quantize_onnx(path, small, make_windows(**settings['window']))
        return _of_model(load_exported(small, backend='openvino'))


def _of_model(model: Any) -> Ready:

    def call(windows: Tensor, mode: str) -> Any:
        data = model.data_preprocessor(dict(inputs=list(windows), data_samples=samples_of(windows)))
        return model(**data, mode=mode)

    return Ready(lambda windows: call(windows, 'predict'), lambda windows: call(windows, 'tensor'))


def part(settings: dict, name: str) -> Ready:
    """One part of a detector alone; what goes into it is made at the first call."""
    from mmstep.apis import init_detector
    model: Any = init_detector(settings['config'], settings['weights'], None, settings['cfg_options'])
    head, made = model.roi_head, {}

    def window(windows: Tensor) -> Any:
        if not made:
            data = model.data_preprocessor(dict(inputs=list(windows), data_samples=samples_of(windows)))
            made.update(frames=data['inputs'], samples=data['data_samples'], x=model.extract_feat(data['inputs']))
            if name == 'heads' and head.scene_context is not None:
                context = head.extract_context(made['x'])
                head.extract_context = lambda _: context
        if name == 'backbone':
            return model.extract_feat(made['frames'])
        if name == 'context':
            return head.scene_context is not None and head.extract_context(made['x'])
        return head.predict(made['x'], tuple(windows.shape[-2:]), made['samples'])

    return Ready(window)


def peer_configs() -> tuple:
    """Configs of a person detector and an action head with known person boxes, from their packages."""
    import mmaction
    import mmdet
    folders = [osp.join(osp.dirname(package.__file__), '.mim', 'configs') for package in (mmdet, mmaction)]
    names = ('faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py',
             'detection/slowonly/slowonly_kinetics400-pretrained-r50_8xb16-4x16x1-20e_ava21-rgb.py')
    cfgs = [Config.fromfile(osp.join(*path)) for path in zip(folders, names)]
    cfgs[0].model.backbone.init_cfg = None
    cfgs[1].model.init_cfg = None
    return tuple(cfgs)


def peer(settings: dict) -> Ready:
    """MMAction2's way: persons in the key frame at 800 px, then actions of 4 frames at 256 px in their boxes.

    Random weights find nobody, so that the action head gets :data:`PERSONS` made boxes.
    """
    import mmaction.models  # noqa: F401  registers the action head
    from mmaction.registry import MODELS
    from mmdet.structures import DetDataSample
    from mmengine.registry import init_default_scope
    from torch.nn.functional import interpolate
    persons, actions = [MODELS.build(dict(cfg.model, _scope_='mmdet')).eval() for cfg in peer_configs()]
    init_default_scope('mmdet')

    def resize(frames: Tensor, short: int) -> Tensor:
        scale = short / min(frames.shape[-2:])
        size = [round(side * scale) for side in frames.shape[-2:]]
        return interpolate(frames.float(), size, mode='bilinear', align_corners=False).byte()

    def window(windows: Tensor) -> Any:
        found = []
        for frames in windows.transpose(1, 2):
            picture = resize(frames[len(frames) // 2:][:1], 800)[0]
            shape = tuple(picture.shape[-2:])
            sample = DetDataSample(metainfo=dict(img_shape=shape, ori_shape=shape, scale_factor=(1., 1.)))
            found.append(persons.test_step(dict(inputs=[picture], data_samples=[sample])))
            clip = resize(frames[torch.linspace(0, len(frames) - 1, 4).long()], 256)
            height, width = clip.shape[-2:]
            sample = copy.copy(samples_of(clip[None].transpose(1, 2))[0])
            sample.set_metainfo(dict(img_shape=(height, width)))
            data = actions.data_preprocessor(dict(inputs=[clip.transpose(0, 1)], data_samples=[sample]))
            found.append(actions(**data, mode='predict'))
        return found

    return Ready(window)


ROWS: Dict[str, Callable[[dict], Ready]] = {
    'eager fp32': whole,
    'eager bf16': lambda settings: whole(settings, dtype='bf16'),
    'compile fp32': lambda settings: whole(settings, backend='compile'),
    'compile bf16': lambda settings: whole(settings, backend='compile', dtype='bf16'),
    'onnxruntime fp32': lambda settings: whole(settings, backend='onnxruntime'),
    'openvino fp32': lambda settings: whole(settings, backend='openvino'),
    'openvino bf16': lambda settings: whole(settings, backend='openvino', dtype='bf16'),
    'openvino int8': int8,
    'backbone': lambda settings: part(settings, 'backbone'),
    'context': lambda settings: part(settings, 'context'),
    'heads': lambda settings: part(settings, 'heads'),
    'peer': peer,
}


def make_windows(batch: int, frames: int, height: int, width: int) -> Tensor:
    """Windows of soft areas that move and change, (B, 3, F, H, W) uint8."""
    rng = torch.Generator().manual_seed(0)
    coarse = torch.randn(batch, 3, max(frames // 6, 2), 8, 8, generator=rng)
    size = (frames, height, width)
    smooth = torch.nn.functional.interpolate(coarse, size, mode='trilinear', align_corners=True)
    return (smooth * 64 + 128).clamp(0, 255).byte()


def peak_memory() -> int:
    """Bytes, on the GPU if there is one."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # KiB on Linux


def run_row(settings: dict) -> None:
    """Serves one row until it is told to end.

    Args:
        settings (dict): ``row``, ``config``, ``weights``, ``cfg_options``, ``window`` (of :func:`make_windows`),
            ``checkout`` (the folder that holds mmstep) and ``outputs`` (a file).
    """
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)  # what libraries print is no answer

    def answer(**kwargs: Any) -> None:
        print(json.dumps(kwargs), file=answers, flush=True)

    import mmstep
    place = osp.dirname(osp.dirname(osp.abspath(mmstep.__file__)))
    if osp.realpath(place) != osp.realpath(settings['checkout']):
        answer(left_out=f'mmstep comes from {place}, not from {settings["checkout"]}')
        return
    windows = make_windows(**settings['window'])
    torch.manual_seed(0)
    with torch.no_grad():
        try:
            ready = ROWS[settings['row']](settings)
            ready.window(windows)
        except Exception as error:  # noqa: B902
            # By name: each checkout has a class of its own.
            if not isinstance(error, ImportError) and type(error).__name__ != 'LaunchError':
                raise
            answer(left_out=str(error).splitlines()[0])
            return
        answer(ready=True)
        for line in sys.stdin:
            order = line.strip()
            if order == 'run':
                _synchronize()
                start = time.perf_counter()
                ready.window(windows)
                _synchronize()
                answer(seconds=time.perf_counter() - start)
            elif order == 'save':
                steps = ready.outputs(windows) if ready.outputs is not None else []
                torch.save([(step.scores.float().cpu(), step.tubes.float().cpu()) for step in steps],
                           settings['outputs'])
                answer(steps=len(steps))
            else:
                answer(peak=peak_memory())
                return


def _synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


if __name__ == '__main__':
    run_row(json.loads(sys.argv[1]))
