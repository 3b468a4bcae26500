# A small STEP on the per-frame tubes of the mini data set (tools/data/mini), the form of UCF101-24: one label a tube,
# every frame annotated, tubes linked over the whole video. Trained on two CPU cores in ten minutes.
_base_ = ['_base_/default_runtime.py']

class_names = ['stand', 'walk', 'run', 'jump', 'wave', 'squat', 'sit', 'fall', 'pace']
num_classes = len(class_names)
# 6 -> 18 -> 30 frames over the three steps, as in the paper; a feature frame for every three frames of the video.
num_clips, clip_len, temporal_stride = 5, 6, 3
num_steps, channels = 3, 64

model = dict(
    type='STEPDetector',
    num_clips=num_clips,
    clip_features='joint',
    data_preprocessor=dict(type='WindowPreprocessor', mean=[127.5, 127.5, 127.5], std=[127.5, 127.5, 127.5]),
    backbone=dict(
        type='ResNet3d',
        depth=18,
        pretrained=None,
        in_channels=3,
        base_channels=16,
        num_stages=3,
        out_indices=(2, ),
        spatial_strides=(1, 2, 2),
        temporal_strides=(1, 1, 1),
        dilations=(1, 1, 1),
        inflate=((0, 0), (1, 0), (1, 0)),
        conv1_kernel=(4, 6, 6),
        conv1_stride_s=4,
        conv1_stride_t=temporal_stride,
        with_pool1=False,
        with_pool2=False,
        norm_cfg=dict(type='BN3d', requires_grad=True),
        norm_eval=False,
        zero_init_residual=False),
    roi_head=dict(
        type='ProgressiveRoIHead',
        num_steps=num_steps,
        # The 11 tubes of the paper's Figure 2: full frame, one centred box of side 3/4, a 3x3 grid of side 1/2.
        prior_generator=dict(type='TubeGridGenerator', scales=(1, 4 / 3, 2), overlaps=(0, 0, 1 / 2)),
        bbox_roi_extractor=dict(
            type='TubeRoIExtractor',
            featmap_stride=16,
            roi_layer=dict(type='RoIAlign', output_size=4, sampling_ratio=1, aligned=True)),
        bbox_head=dict(
            type='TwoBranchHead',
            num_classes=num_classes,
            multilabel=False,
            in_channels=channels,
            roi_feat_size=4,
            reduced_channels=channels,
            dropout_ratio=0.1,
            global_branch=dict(
                type='Conv3dGlobalBranch',
                in_channels=channels,
                channels=channels,
                # Nine feature frames, over two seconds: walk and pace differ by the turns.
                kernel_sizes=[(5, 1, 1), (1, 3, 3), (5, 1, 1)]),
            local_branch=dict(
                type='BottleneckLocalBranch',
                channels=channels,
                inner_channels=channels // 2,
                num_blocks=2,
                norm_cfg=dict(type='BN2d')),
            bbox_coder=dict(type='TubeDeltaCoder', target_stds=(0.2, 0.2, 0.3, 0.3)),
            loss_cls=dict(type='mmdet.CrossEntropyLoss', use_sigmoid=False, loss_weight=3.),
            loss_bbox=dict(type='mmdet.SmoothL1Loss', loss_weight=1.),
            loss_anticipation=dict(type='mmdet.SmoothL1Loss', loss_weight=0.2)),
        temporal_extension=dict(type='LocationAnticipation'),
        extend_at=(2, 3),
        train_cfg=dict(
            assigner=[dict(type='TubeAssigner', pos_iou_thr=thr) for thr in (0.2, 0.35, 0.5)],
            sampler=dict(type='HardAwareSampler', num_pos=5, neg_pos_ratio=2)),
        test_cfg=dict(score_thr=0.01, nms=dict(type='nms', iou_threshold=0.4), max_per_img=300, keep_steps=True)))

data_root = 'data/mini'
ann_file = f'{data_root}/annotations/mini_tubes.pkl'
# A clip shows an action if half of it does; where one action goes over into another the clip has both.
min_actor_frames = 3
window = dict(
    type='SampleClipWindow',
    clip_len=clip_len,
    num_clips=num_clips,
    temporal_stride=temporal_stride,
    min_actor_frames=min_actor_frames)
train_pipeline = [
    dict(type='DecordWindowInit'), window,
    dict(type='DecordWindowDecode'),
    dict(type='Resize', scale=(128, 128), keep_ratio=False),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='TubeRandomShift'),
    dict(type='TubePhotoMetricDistortion'),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
test_pipeline = [
    dict(type='DecordWindowInit'), window,
    dict(type='DecordWindowDecode'),
    dict(type='Resize', scale=(128, 128), keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
# UCF101-24's class reads any file of ACT's layout; the classes come from the file.
dataset = dict(
    type='UCF101_24Dataset',
    ann_file=ann_file,
    data_prefix=dict(img=f'{data_root}/videos'),
    use_frames=False,
    clip_len=clip_len,
    min_actor_frames=min_actor_frames)
train_dataloader = dict(
    batch_size=4,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(dataset, pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(dataset, pipeline=test_pipeline, window_stride=3, test_mode=True))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='TubeMetric',
    ann_file=ann_file,
    clip_len=clip_len,
    temporal_stride=temporal_stride,
    num_steps=num_steps,
    # Actions of the mini set may be over after half a second.
    rules=dict(type='act', min_tube_length=6, link_iou=0.5),
    trim=dict(switch_cost=0.1, threshold=0.2))
test_evaluator = val_evaluator

max_iters = 1500
train_cfg = dict(type='IterBasedTrainLoop', max_iters=max_iters, val_interval=max_iters)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=100, end=max_iters, T_max=max_iters - 100, eta_min=1e-5)
]
optim_wrapper = dict(
    optimizer=dict(type='AdamW', lr=2e-3, weight_decay=0.01), clip_grad=dict(max_norm=10, norm_type=2))
default_hooks = dict(checkpoint=dict(by_epoch=False, interval=500))
log_processor = dict(by_epoch=False)
auto_scale_lr = dict(enable=False, base_batch_size=4)
