"""What the parts of a config have to agree on, whatever its data set, backbone or inputs.

Models are built on torch's meta device: shapes without numbers, so that a full-size model takes milliseconds.
"""
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import torch
from mmaction.registry import (DATA_SAMPLERS, DATASETS, HOOKS, LOG_PROCESSORS, LOOPS, METRICS, MODELS, OPTIM_WRAPPERS,
                               OPTIMIZERS, PARAM_SCHEDULERS, TASK_UTILS, TRANSFORMS, VISBACKENDS, VISUALIZERS)
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.registry import WEIGHT_INITIALIZERS
from mmengine.structures import InstanceData
from torch import nn

REGISTRIES = (MODELS, TASK_UTILS, DATASETS, TRANSFORMS, METRICS, HOOKS, LOOPS, LOG_PROCESSORS, DATA_SAMPLERS,
              OPTIMIZERS, OPTIM_WRAPPERS, PARAM_SCHEDULERS, VISUALIZERS, VISBACKENDS, WEIGHT_INITIALIZERS)
# Dicts with a type that is no component: NMS and RoI layers by their names in mmcv.ops, rules by a preset's name,
# pathways by those of MMAction2's SlowFast.
NO_COMPONENT = ('nms', 'roi_layer', 'rules', 'slow_pathway', 'fast_pathway')
WINDOWS = ('SampleTubeWindow', 'SampleClipWindow')
RESIZES = ('Resize', 'TubeResize')
# Action classes that a folder of data brings: of UCF101-24, J-HMDB and the mini set (tools/data/mini/actions.py).
CLASSES = {'data/ucf101_24': 24, 'data/jhmdb': 21, 'data/mini': 9}


def agree(what, **values):
    """Fails unless all values are equal; the message names each with its place."""
    first = next(iter(values.values()))
    assert all(value == first for value in values.values()), f'{what}: {values}'


def check_types(node, where='cfg'):
    """Every type in the config is a registered component."""
    if isinstance(node, (list, tuple)):
        node = dict(enumerate(node))
    if not isinstance(node, dict):
        return
    name = node.get('type')
    if isinstance(name, str) and where.rpartition('.')[2] not in NO_COMPONENT:
        assert any(registry.get(name) for registry in REGISTRIES), f'{where}: nothing is registered as {name}'
    for key, child in node.items():
        check_types(child, f'{where}.{key}')


def find(pipeline, names):
    """The last transform of a pipeline that is one of ``names``."""
    found = [t for t in pipeline if t['type'] in names]
    return found[-1] if found else None


def check_pipelines(cfg):
    """The three splits read windows of one size, and the last two are scored on what they read.

    Returns:
        tuple[dict, tuple]: The window's transform, and the height and width of the network input.
    """
    datasets = {split: cfg[f'{split}_dataloader'].dataset for split in ('train', 'val', 'test')}
    for name, dataset in datasets.items():
        for transform in dataset.pipeline:
            TRANSFORMS.build(transform)
        assert bool(dataset.get('test_mode')) == (name != 'train'), f'test_mode of the {name} data set'
        flows = find(dataset.pipeline, WINDOWS).get('num_flows', 0)
        decodes = find(dataset.pipeline, ('FlowFramesDecode', )) is not None
        agree('flow', num_flows=flows > 0, decoded=decodes, data_prefix=bool(dataset.data_prefix.get('flow')))
        if find(dataset.pipeline, ('WindowDecode', )):
            assert dataset.data_prefix.get('img'), f'the {name} data set decodes videos and has no data_prefix.img'
    windows = {name: find(dataset.pipeline, WINDOWS) for name, dataset in datasets.items()}
    for key in ('type', 'clip_len', 'num_clips', 'fps', 'temporal_stride', 'num_flows'):
        agree(f'{key} of the windows', **{name: window.get(key) for name, window in windows.items()})
    for key in ('num_clips', 'clip_len', 'min_actor_frames'):
        for name, dataset in datasets.items():
            if key in dataset:
                agree(f'{key} of {name}', window=windows[name].get(key, 1), dataset=dataset[key])
    agree('size of the input', **{name: tuple(find(d.pipeline, RESIZES).scale) for name, d in datasets.items()})
    for name in ('val', 'test'):
        stride = datasets[name].get('window_stride', 1)
        assert stride <= windows[name].clip_len, f'window_stride={stride} of {name} leaves frames without a tubelet'
        check_metric(cfg[f'{name}_evaluator'], datasets[name], windows[name])
    width, height = find(datasets['val'].pipeline, RESIZES).scale
    return windows['val'], (height, width)


def check_metric(metric, dataset, window):
    """The metric reads the annotations of the data set it scores."""
    for key in ('ann_file', 'test_list', 'split', 'label_file', 'exclude_file', 'num_classes', 'custom_classes'):
        if key in metric or key in dataset:
            agree(f'{key} of data set and metric', dataset=dataset.get(key), metric=metric.get(key))
    if metric.type == 'TubeMetric':
        agree('clip_len of data set and metric', dataset=dataset.clip_len, metric=metric.clip_len)
        agree('temporal_stride', window=window.get('temporal_stride', 1), metric=metric.get('temporal_stride', 1))


def count_classes(dataset):
    """Action classes of a data set, without background."""
    if 'num_classes' in dataset:
        if dataset.get('custom_classes'):
            agree('classes', num_classes=dataset.num_classes, custom_classes=len(dataset.custom_classes) + 1)
        return dataset.num_classes - 1
    return next(number for folder, number in CLASSES.items() if dataset.ann_file.startswith(f'{folder}/'))


@contextmanager
def shapes_only():
    """Builds on the meta device; numbers that transformers read while they are built (drop rates) come out as 0."""
    item = torch.Tensor.item
    with patch.object(torch.Tensor, 'item', lambda tensor: 0. if tensor.is_meta else item(tensor)):
        with torch.device('meta'):
            yield


class ShapeOnlyRoI(nn.Module):
    """Stands in for RoIAlign, which has no kernel on the meta device."""

    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, maps, rois):
        return maps.new_empty(len(rois), maps.shape[1], self.size, self.size)


def preprocess(cfg, window, size):
    """A batch of one window, of the shape that pipeline and data preprocessor give it."""
    frames, flows = window.clip_len * window.num_clips, window.get('num_flows', 0)
    imgs = [torch.empty(3, frames, *size, dtype=torch.uint8, device='meta')]
    maps = [torch.empty(2, frames + flows - 1, *size, dtype=torch.half, device='meta')] if flows else None
    inputs = dict(imgs=imgs, flows=maps) if flows else imgs
    if cfg.type == 'TwoStreamPreprocessor':
        agree('num_flows', window=flows, data_preprocessor=cfg.get('num_flows', 5))
    with shapes_only():
        return MODELS.build(cfg).preprocess(inputs, [])[0]


def check_detector(model_cfg, batch, window, dataset):
    """A detector takes the batch, and what comes out of every step fits window and classes."""
    head_cfg = model_cfg.roi_head
    with shapes_only():
        model = MODELS.build({k: v for k, v in model_cfg.items() if k != 'data_preprocessor'})
    agree('num_clips of window and model', window=window.num_clips, model=model.num_clips)
    extractor = model.roi_head.bbox_roi_extractor
    side = head_cfg.bbox_roi_extractor.roi_layer.output_size
    extractor.roi_layer = ShapeOnlyRoI(side)

    feats = model.extract_feat(batch)
    clip_len = window.clip_len // window.get('temporal_stride', 1)
    agree('feature frames', window=clip_len * window.num_clips, backbone=feats.shape[2])
    stride = head_cfg.bbox_roi_extractor.get('featmap_stride', 16)
    agree(
        f'map at featmap_stride={stride}',
        expected=[-(-n // stride) for n in batch.shape[-2:]],
        backbone=list(feats.shape[-2:]))
    actors = InstanceData(bboxes=torch.empty(2, feats.shape[2], 4, device='meta'))
    sample = ActionDataSample(gt_tubes=actors)
    if dataset.get('proposal_file'):
        sample.proposals = InstanceData(bboxes=torch.empty(3, 4, device='meta'))
    steps = model(batch, [sample], mode='tensor')

    num_classes = count_classes(dataset)
    length = (window.num_clips - 2 * len(model.roi_head.extend_at)) * clip_len
    for number, (step, head) in enumerate(zip(steps, model.roi_head.bbox_head), start=1):
        length += 2 * clip_len * (number in model.roi_head.extend_at)
        agree(f'classes at step {number}', dataset=num_classes, scores=step.scores.shape[1])
        agree(f'feature frames at step {number}', expected=length, tubes=step.tubes.shape[1])
        assert head.multilabel == (dataset.type == 'AVAWindowDataset'), f'multilabel={head.multilabel}'
    check_thresholds(model.roi_head.bbox_assigner)


def check_thresholds(assigners):
    """Section 3.4: "we increase IoU thresholds over the multiple steps"; never less than before."""
    thresholds = [assigner.pos_iou_thr for assigner in assigners]
    assert thresholds == sorted(thresholds), f'the thresholds {thresholds} fall from step to step'


def check_streams(cfg, folder, batch, window, dataset):
    """A fusion's streams are the models of the configs in whose folders their checkpoints are."""
    for number, stream in enumerate(cfg.model.streams):
        first, last = stream.channels
        assert last <= batch.shape[1], f'stream {number} reads channels {first}..{last} of {batch.shape[1]}'
        check_detector(stream.model, batch[:, first:last], window, dataset)
        _, name, file = Path(stream.model.init_cfg.checkpoint).parts
        source = Config.fromfile(str(Path(folder) / f'{name}.py'))
        assert file == last_checkpoint(source.train_cfg), f'{name} does not end with {file}'
        ours, theirs = (without(node, 'init_cfg', 'data_preprocessor') for node in (stream.model, source.model))
        agree(f'model of stream {number} and of {name}', stream=ours, config=theirs)
        for key in set(source.model.data_preprocessor) - {'type', '_delete_'}:
            agree(
                f'data_preprocessor.{key} of the fusion and of {name}',
                fusion=cfg.model.data_preprocessor.get(key),
                stream=source.model.data_preprocessor[key])
        agree(
            f'keep_steps of stream {number}',
            stream=stream.model.roi_head.test_cfg.get('keep_steps'),
            config=source.model.roi_head.test_cfg.get('keep_steps'))


def last_checkpoint(loop):
    """Name of the file that the last iteration leaves."""
    return f'epoch_{loop.max_epochs}.pth' if 'max_epochs' in loop else f'iter_{loop.max_iters}.pth'


def without(node, *keys):
    """The same tree of plain dicts without some keys."""
    if isinstance(node, dict):
        return {key: without(value, *keys) for key, value in node.items() if key not in keys}
    return [without(value, *keys) for value in node] if isinstance(node, (list, tuple)) else node


def check_config(cfg, folder):
    """Everything above on one config.

    Args:
        cfg (Config): The config.
        folder (Path): Where the configs of a fusion's streams are.

    Raises:
        AssertionError: Saying what disagrees.
    """
    check_types(cfg.to_dict())
    assert cfg.auto_scale_lr.base_batch_size >= 1
    if cfg.model.type not in ('STEPDetector', 'StreamFusion'):
        with shapes_only():
            MODELS.build(cfg.model)
        return
    window, size = check_pipelines(cfg)
    batch = preprocess(cfg.model.data_preprocessor, window, size)
    dataset = cfg.val_dataloader.dataset
    detectors = [cfg.model] if cfg.model.type == 'STEPDetector' else [stream.model for stream in cfg.model.streams]
    for detector in detectors:
        num_steps = detector.roi_head.num_steps
        agree('num_steps', model=num_steps, metric=cfg.val_evaluator.num_steps, test=cfg.test_evaluator.num_steps)
        assert num_steps == 1 or detector.roi_head.test_cfg.get('keep_steps'), 'keep_steps'
    if cfg.model.type == 'StreamFusion':
        check_streams(cfg, folder, batch, window, dataset)
    else:
        check_detector(cfg.model, batch, window, dataset)
