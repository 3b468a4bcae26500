"""Small models and windows that the model tests share."""
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.structures import InstanceData

NUM_CLASSES, SIZE = 5, 64


def head_cfg(**kwargs):
    cfg = dict(
        type='TwoBranchHead',
        num_classes=NUM_CLASSES,
        in_channels=52,
        roi_feat_size=4,
        reduced_channels=8,
        context_channels=0,
        global_branch=dict(type='I3DGlobalBranch', in_channels=52, width_mult=1 / 32),
        local_branch=dict(type='BottleneckLocalBranch', channels=16, inner_channels=8, num_blocks=2))
    return {**cfg, **kwargs}


def detector_cfg(clip_features='joint', extension='LocationAnticipation', context=False, **roi_head):
    head = head_cfg(context_channels=32 if context else 0)
    cfg = dict(
        type='ProgressiveRoIHead',
        num_steps=3,
        prior_generator=dict(type='TubeGridGenerator', scales=(1, 4 / 3, 2), overlaps=(0, 0, 1 / 2)),
        bbox_roi_extractor=dict(
            type='TubeRoIExtractor', roi_layer=dict(type='RoIAlign', output_size=4, sampling_ratio=1)),
        bbox_head=head,
        temporal_extension=dict(type=extension),
        extend_at=(3, ),
        train_cfg=dict(
            assigner=[dict(type='TubeAssigner', pos_iou_thr=t) for t in (.2, .35, .5)],
            sampler=dict(type='HardAwareSampler')),
        test_cfg=dict(keep_steps=True))
    if context:
        cfg['scene_context'] = dict(type='I3DSceneContext', in_channels=52, width_mult=1 / 32)
    return dict(
        type='STEPDetector',
        num_clips=3,
        clip_features=clip_features,
        backbone=dict(type='InceptionI3D', width_mult=1 / 16),
        roi_head={
            **cfg,
            **roi_head
        })


def build_detector(seed=0, **kwargs):
    torch.manual_seed(seed)
    model = MODELS.build(detector_cfg(**kwargs))
    model.init_weights()
    return model


def window(num_actors=1, num_frames=9, seed=0, multilabel=True):
    """A data sample with actors at the key second and its neighbours."""
    rng = torch.Generator().manual_seed(seed)
    corner = torch.rand(num_actors, 1, 2, generator=rng) * SIZE / 2
    boxes = torch.cat([corner, corner + 8 + torch.rand(num_actors, 1, 2, generator=rng) * 20], dim=-1)
    valid = torch.zeros(num_actors, num_frames, dtype=torch.bool)
    valid[:, [1, 4, 7]] = True
    if multilabel:
        labels = (torch.rand(num_actors, NUM_CLASSES + 1, generator=rng) > .5).float()
    else:
        labels = torch.randint(NUM_CLASSES, (num_actors, ), generator=rng)
    return ActionDataSample(
        gt_tubes=InstanceData(bboxes=boxes.repeat(1, num_frames, 1), valid=valid, labels=labels),
        metainfo=dict(img_shape=(SIZE, SIZE), video_id='v', timestamp=2))


def inputs(batch, seed=0, num_frames=36):
    return torch.rand(batch, 3, num_frames, SIZE, SIZE, generator=torch.Generator().manual_seed(seed)) * 2 - 1
