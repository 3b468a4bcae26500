# STEP with I3D on AVA v2.1 as in the paper (section 4.1): 34 initial tubes, three steps, extension at the third,
# classification pre-training first (step_i3d_ava_cls-pretrain.py), then 10 epochs of detection.
_base_ = ['_base_/default_runtime.py']

# The 60 classes of the AVA challenge 2018: those with at least 25 validation examples.
ava_classes = [
    1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 20, 22, 24, 26, 27, 28, 29, 30, 34, 36, 37, 38, 41, 43, 45, 46,
    47, 48, 49, 51, 52, 54, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 72, 73, 74, 76, 77, 78, 79, 80
]
num_classes = 60
num_clips, clip_len, fps, temporal_stride = 3, 12, 12, 4
num_steps = 3

# Batch norm keeps the statistics and the scale of Kinetics.
frozen_bn = dict(norm_cfg=dict(type='BN3d', requires_grad=False), norm_eval=True)
# What the classification pre-training leaves; see step_i3d_ava_cls-pretrain.py.
pretrained = 'work_dirs/step_i3d_ava_cls-pretrain/epoch_14.pth'
pretrained_head = dict(type='Pretrained', checkpoint=pretrained, prefix='roi_head.bbox_head.0.')

model = dict(
    type='STEPDetector',
    num_clips=num_clips,
    clip_features='joint',
    data_preprocessor=dict(type='WindowPreprocessor', mean=[127.5, 127.5, 127.5], std=[127.5, 127.5, 127.5]),
    backbone=dict(
        type='InceptionI3D',
        final_endpoint='Mixed_4f',
        init_cfg=dict(type='Pretrained', checkpoint=pretrained, prefix='backbone.'),
        **frozen_bn),
    roi_head=dict(
        type='ProgressiveRoIHead',
        num_steps=num_steps,
        prior_generator=dict(type='TubeGridGenerator', scales=(4 / 3, 2), overlaps=(5 / 6, 3 / 4)),
        bbox_roi_extractor=dict(
            type='TubeRoIExtractor',
            featmap_stride=16,
            roi_layer=dict(type='RoIAlign', output_size=7, sampling_ratio=0, aligned=False)),
        scene_context=dict(
            type='I3DSceneContext',
            in_channels=832,
            init_cfg=dict(type='Pretrained', checkpoint=pretrained, prefix='roi_head.scene_context.'),
            **frozen_bn),
        bbox_head=dict(
            type='TwoBranchHead',
            num_classes=num_classes,
            in_channels=832,
            context_channels=1024,
            dropout_ratio=0.3,
            global_branch=dict(type='I3DGlobalBranch', in_channels=832, **frozen_bn),
            local_branch=dict(type='BottleneckLocalBranch', channels=1024, inner_channels=256, num_blocks=3),
            bbox_coder=dict(type='TubeDeltaCoder'),
            loss_cls=dict(type='mmdet.CrossEntropyLoss', use_sigmoid=True),
            loss_bbox=dict(type='mmdet.SmoothL1Loss', loss_weight=5.),
            loss_anticipation=dict(type='mmdet.SmoothL1Loss', loss_weight=1.),
            init_cfg=pretrained_head),
        temporal_extension=dict(type='LocationAnticipation'),
        extend_at=(3, ),
        train_cfg=dict(
            assigner=[dict(type='TubeAssigner', pos_iou_thr=thr) for thr in (0.2, 0.35, 0.5)],
            sampler=dict(type='HardAwareSampler', num_pos=5, neg_pos_ratio=2)),
        test_cfg=dict(score_thr=0.01, nms=dict(type='nms', iou_threshold=0.4), max_per_img=300, keep_steps=True)))

data_root = 'data/ava/videos'
anno_root = 'data/ava/annotations'
label_file = f'{anno_root}/ava_action_list_v2.1_for_activitynet_2018.pbtxt'
scale = (400, 400)
window = dict(
    type='SampleTubeWindow', clip_len=clip_len, num_clips=num_clips, fps=fps, temporal_stride=temporal_stride)
train_pipeline = [
    dict(type='DecordWindowInit'),
    dict(window, jitter=1),
    dict(type='DecordWindowDecode'),
    dict(type='TubeRandomCrop'),
    dict(type='Resize', scale=scale, keep_ratio=False),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='TubePhotoMetricDistortion'),
    dict(type='TubeRandomErasing', erase_prob=0.5),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
test_pipeline = [
    dict(type='DecordWindowInit'), window,
    dict(type='DecordWindowDecode'),
    dict(type='Resize', scale=scale, keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
dataset = dict(
    type='AVAWindowDataset',
    label_file=label_file,
    data_prefix=dict(img=data_root),
    use_frames=False,
    num_classes=num_classes + 1,
    custom_classes=ava_classes,
    num_clips=num_clips,
    timestamp_start=900)
train_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        dataset,
        ann_file=f'{anno_root}/ava_train_v2.1.csv',
        exclude_file=f'{anno_root}/ava_train_excluded_timestamps_v2.1.csv',
        pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        dataset,
        ann_file=f'{anno_root}/ava_val_v2.1.csv',
        exclude_file=f'{anno_root}/ava_val_excluded_timestamps_v2.1.csv',
        pipeline=test_pipeline,
        test_mode=True))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='StepwiseAVAMetric',
    num_steps=num_steps,
    ann_file=f'{anno_root}/ava_val_v2.1.csv',
    exclude_file=f'{anno_root}/ava_val_excluded_timestamps_v2.1.csv',
    label_file=label_file,
    num_classes=num_classes + 1,
    custom_classes=ava_classes)
test_evaluator = val_evaluator

max_epochs = 10
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_begin=1, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
param_scheduler = [dict(type='MultiStepLR', by_epoch=True, begin=0, end=max_epochs, milestones=[6], gamma=0.1)]
# 5e-6 for the backbone and 5e-5 for the branches, at a batch of 4 windows.
optim_wrapper = dict(
    optimizer=dict(type='Adam', lr=5e-5),
    paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))),
    clip_grad=dict(max_norm=40, norm_type=2))
auto_scale_lr = dict(enable=True, base_batch_size=4)
