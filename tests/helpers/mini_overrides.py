"""What makes a full-size config train on the mini data set in seconds: data, sizes, three iterations."""
from helpers.mini_forms import CLASSES, FPS, SECONDS, SIZE

ITERATIONS = 3
# Rescaling and normalisation stay as the config has them; only sizes and files change.
SCHEDULE = dict(
    train_cfg=dict(_delete_=True, type='IterBasedTrainLoop', max_iters=ITERATIONS, val_interval=ITERATIONS),
    param_scheduler=[],
    log_processor=dict(by_epoch=False),
    auto_scale_lr=dict(enable=False),
    default_hooks=dict(logger=dict(interval=1), checkpoint=dict(interval=ITERATIONS, by_epoch=False, save_best=None)))


def loaders(train, val, **kwargs):
    """Data loaders and their data sets without worker processes; validation with one window, picture or clip."""
    common = dict(num_workers=0, persistent_workers=False)
    val_loader = dict(common, batch_size=1, dataset={**kwargs, **val})
    return dict(
        train_dataloader=dict(common, batch_size=2, dataset={
            **kwargs,
            **train
        }),
        val_dataloader=val_loader,
        test_dataloader=val_loader)


def evaluator(**kwargs):
    """Metric of validation and test."""
    return dict(val_evaluator=kwargs, test_evaluator=kwargs)


def step(data, model, scale=SIZE):
    """A config of STEP on AVA."""
    ann = f'{data}/annotations/mini'
    common = dict(label_file=f'{ann}_action_list.pbtxt', num_classes=len(CLASSES) + 1, custom_classes=None)
    val = dict(ann_file=f'{ann}_val.csv', exclude_file=None)
    splits = [dict(val, ann_file=f'{ann}_{split}.csv') for split in ('train', 'val')]
    return dict(
        SCHEDULE,
        model=model,
        **loaders(*splits, timestamp_start=0, data_prefix=dict(img=f'{data}/videos'), **common),
        **evaluator(**val, **common)), dict(Resize=dict(scale=(scale, scale)))


def step_head(channels):
    """A narrow head of STEP on so many channels."""
    branch = dict(in_channels=channels + 32, channels=32, norm_cfg=dict(num_groups=4))
    return dict(
        scene_context=dict(in_channels=channels, out_channels=32),
        bbox_head=dict(
            in_channels=channels,
            num_classes=len(CLASSES),
            context_channels=32,
            reduced_channels=16,
            global_branch=branch,
            local_branch=dict(channels=32, inner_channels=16, num_blocks=1)))


def slowonly(data):
    return step(data, dict(init_cfg=None, backbone=dict(depth=50, base_channels=4), roi_head=step_head(128)))


def slowfast(data):
    backbone = dict(slow_pathway=dict(base_channels=16), fast_pathway=dict(base_channels=2))
    return step(data, dict(init_cfg=None, backbone=backbone, roi_head=step_head(512 + 64)))


def vit(data):
    backbone = dict(embed_dims=32, depth=2, num_heads=4)
    config, pipeline = step(data, dict(init_cfg=None, backbone=backbone, roi_head=step_head(32)))
    return dict(config, optim_wrapper=dict(paramwise_cfg=dict(num_layers=2))), pipeline


def proposals(data):
    """The tiny config is small enough; only its files are others."""
    ann = f'{data}/annotations/mini'
    splits = [dict(ann_file=f'{ann}_{s}.csv', proposal_file=f'{ann}_gaps_{s}.pkl') for s in ('train', 'val')]
    label_file = f'{ann}_action_list.pbtxt'
    return dict(SCHEDULE, **loaders(*splits, label_file=label_file, data_prefix=dict(img=f'{data}/videos')),
                **evaluator(ann_file=f'{ann}_val.csv', label_file=label_file)), {}


def ava_two_stage(data):
    """MMAction2's detector on AVA."""
    ann = f'{data}/annotations/mini'
    splits = [dict(ann_file=f'{ann}_{s}.csv', proposal_file=f'{ann}_proposals_{s}.pkl') for s in ('train', 'val')]
    common = dict(label_file=f'{ann}_action_list.pbtxt', num_classes=len(CLASSES) + 1, exclude_file=None)
    frames = dict(timestamp_start=0, timestamp_end=SECONDS, fps=FPS, data_prefix=dict(img=f'{data}/frames'))
    model = dict(
        init_cfg=None,
        backbone=dict(base_channels=4),
        roi_head=dict(bbox_head=dict(in_channels=128, num_classes=len(CLASSES) + 1)))
    sizes = dict(
        SampleAVAFrames=dict(frame_interval=3),
        RandomRescale=dict(scale_range=(SIZE, SIZE + 16)),
        RandomCrop=dict(size=SIZE),
        Resize=dict(scale=(-1, SIZE)))
    return dict(
        SCHEDULE,
        model=model,
        **loaders(*splits, **frames, **common),
        **evaluator(ann_file=f'{ann}_val.csv', **common)), sizes


def coco(data, bbox_head):
    """MMDetection's detectors on COCO."""
    ann = f'{data}/annotations/mini_coco'
    splits = [dict(ann_file=f'{ann}_{split}.json') for split in ('train', 'val')]
    common = dict(data_root='', data_prefix=dict(img=f'{data}/frames'), metainfo=dict(classes=CLASSES))
    model = dict(
        backbone=dict(depth=18, base_channels=16, frozen_stages=-1, norm_eval=False, init_cfg=None),
        neck=dict(in_channels=[16, 32, 64, 128], out_channels=32),
        rpn_head=dict(in_channels=32, feat_channels=32),
        roi_head=dict(bbox_roi_extractor=dict(out_channels=32), bbox_head=bbox_head))
    return dict(
        SCHEDULE, model=model, **loaders(*splits, **common),
        **evaluator(ann_file=f'{ann}_val.json')), dict(Resize=dict(scale=(SIZE, SIZE)))


SMALL_BBOX_HEAD = dict(in_channels=32, fc_out_channels=32, num_classes=len(CLASSES))


def faster_rcnn(data):
    return coco(data, SMALL_BBOX_HEAD)


def cascade_rcnn(data):
    return coco(data, [SMALL_BBOX_HEAD] * 3)


def recogniser(data):
    """MMAction2's classification of clips."""
    ann = f'{data}/annotations/mini_list'
    splits = [dict(ann_file=f'{ann}_{split}.txt') for split in ('train', 'val')]
    sizes = dict(
        SampleFrames=dict(clip_len=16, frame_interval=2),
        Resize=dict(scale=(SIZE, SIZE)),
        MultiScaleCrop=dict(input_size=SIZE),
        CenterCrop=dict(crop_size=SIZE))
    return dict(
        SCHEDULE,
        model=dict(backbone=dict(width_mult=1 / 16), cls_head=dict(in_channels=64, num_classes=len(CLASSES))),
        **loaders(*splits, data_prefix=dict(video=f'{data}/videos'))), sizes


def merge(node, changes):
    """Merges changes into a config in place, and into lists of dicts one by one, which a ``_base_`` would not do."""
    keys = changes.items() if isinstance(changes, dict) else enumerate(changes)
    for key, change in keys:
        old = node.get(key) if isinstance(node, dict) else node[key]
        same = isinstance(change, dict) and isinstance(old, dict) and not change.get('_delete_')
        each = isinstance(change, list) and isinstance(old, list) and len(old) == len(change) and all(
            isinstance(item, dict) for item in [*old, *change])
        if same or each:
            merge(old, change)
        else:
            node[key] = {k: v for k, v in change.items() if k != '_delete_'} if isinstance(change, dict) else change


def make_small(cfg, name, data):
    """Changes the config of a block.

    Args:
        cfg (Config): The config, changed in place.
        name (str): Key of :data:`OVERRIDES`.
        data (str): Folder of :func:`mini_forms.make_mini`.
    """
    changes, transforms = OVERRIDES[name](data)
    merge(cfg, changes)
    for split in ('train', 'val', 'test'):
        for transform in cfg[f'{split}_dataloader'].dataset.pipeline:
            transform.update(transforms.get(transform.type, {}))


# Name of a block's file -> what makes it small.
OVERRIDES = {
    'step_slowonly-r101_ava': slowonly,
    'step_slowfast-r50_ava_two-stage-pretrain': slowfast,
    'step_vit-l_ava': vit,
    'step_tiny_proposals': proposals,
    'step_tiny_grid-and-proposals': proposals,
    'slowonly_hard-aware_ava21': ava_two_stage,
    'faster-rcnn_hard-aware_coco': faster_rcnn,
    'cascade-rcnn_tube-coder-and-assigner_coco': cascade_rcnn,
    'inception-i3d_kinetics400': recogniser,
}
