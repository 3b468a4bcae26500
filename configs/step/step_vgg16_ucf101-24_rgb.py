# STEP with VGG16 on UCF101-24, RGB, as in the paper (section 4.1): 11 initial tubes, clips of 6 frames, three steps
# over 6, 18 and 30 frames of 400x400. tools/data/ucf101_24/README.md says where the data go.
_base_ = ['_base_/default_runtime.py']

class_names = [
    'Basketball', 'BasketballDunk', 'Biking', 'CliffDiving', 'CricketBowling', 'Diving', 'Fencing', 'FloorGymnastics',
    'GolfSwing', 'HorseRiding', 'IceDancing', 'LongJump', 'PoleVault', 'RopeClimbing', 'SalsaSpin', 'SkateBoarding',
    'Skiing', 'Skijet', 'SoccerJuggling', 'Surfing', 'TennisSwing', 'TrampolineJumping', 'VolleyballSpiking',
    'WalkingWithDog'
]
num_classes = len(class_names)
num_clips, clip_len, num_steps = 5, 6, 3
channels = 256

model = dict(
    type='STEPDetector',
    num_clips=num_clips,
    # VGG16 sees single frames, so clips are independent anyway.
    clip_features='independent',
    data_preprocessor=dict(type='WindowPreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(
        type='FrameVGG',
        in_channels=3,
        init_cfg=dict(type='Pretrained', checkpoint='https://download.pytorch.org/models/vgg16-397923af.pth')),
    roi_head=dict(
        type='ProgressiveRoIHead',
        num_steps=num_steps,
        # The 11 tubes of Figure 2: full frame, one centred box of side 3/4, a 3x3 grid of side 1/2.
        prior_generator=dict(type='TubeGridGenerator', scales=(1, 4 / 3, 2), overlaps=(0, 0, 1 / 2)),
        bbox_roi_extractor=dict(
            type='TubeRoIExtractor',
            featmap_stride=16,
            roi_layer=dict(type='RoIAlign', output_size=7, sampling_ratio=0, aligned=True)),
        scene_context=dict(
            type='RoIPooledSceneContext',
            global_branch=dict(type='Conv3dGlobalBranch', in_channels=512, channels=channels, norm_cfg=None)),
        bbox_head=dict(
            type='TwoBranchHead',
            num_classes=num_classes,
            multilabel=False,
            reg_class_agnostic=False,
            in_channels=512,
            context_channels=channels,
            dropout_ratio=0.3,
            global_branch=dict(
                type='Conv3dGlobalBranch', in_channels=512, channels=channels, norm_cfg=None, pool_time=True),
            local_branch=dict(type='BottleneckLocalBranch', channels=1024, inner_channels=256, num_blocks=3),
            bbox_coder=dict(type='TubeDeltaCoder'),
            loss_cls=dict(type='mmdet.CrossEntropyLoss', use_sigmoid=False),
            loss_bbox=dict(type='mmdet.SmoothL1Loss', loss_weight=5.),
            loss_anticipation=dict(type='mmdet.SmoothL1Loss', loss_weight=1.)),
        temporal_extension=dict(type='LocationAnticipation'),
        extend_at=(2, 3),
        train_cfg=dict(
            assigner=[dict(type='TubeAssigner', pos_iou_thr=thr) for thr in (0.2, 0.35, 0.5)],
            sampler=dict(type='HardAwareSampler', num_pos=5, neg_pos_ratio=2)),
        test_cfg=dict(score_thr=0.001, nms=dict(type='nms', iou_threshold=0.4), max_per_img=300, keep_steps=True)))

data_root = 'data/ucf101_24'
ann = dict(ann_file=f'{data_root}/annotations/pyannot.pkl', test_list=f'{data_root}/annotations/testlist01.txt')
scale = (400, 400)
window = dict(type='SampleClipWindow', clip_len=clip_len, num_clips=num_clips)
train_pipeline = [
    dict(type='DecordWindowInit'), window,
    dict(type='DecordWindowDecode'),
    dict(type='TubeRandomCrop'),
    dict(type='TubeResize', scale=scale, keep_ratio=False),
    dict(type='TubeFlip', flip_ratio=0.5),
    dict(type='TubePhotoMetricDistortion'),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
test_pipeline = [
    dict(type='DecordWindowInit'), window,
    dict(type='DecordWindowDecode'),
    dict(type='TubeResize', scale=scale, keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
dataset = dict(
    type='UCF101_24Dataset', data_prefix=dict(img=f'{data_root}/videos'), use_frames=False, clip_len=clip_len, **ann)
train_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    # One window a clip length: 35 epochs see every clip several times.
    dataset=dict(dataset, pipeline=train_pipeline, window_stride=clip_len))
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(dataset, pipeline=test_pipeline, window_stride=clip_len // 2, test_mode=True))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='TubeMetric', clip_len=clip_len, num_steps=num_steps, rules='act', trim=dict(switch_cost=1.), **ann)
test_evaluator = val_evaluator

max_epochs = 35
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_begin=1, val_interval=5)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
param_scheduler = [dict(type='MultiStepLR', by_epoch=True, begin=0, end=max_epochs, milestones=[20, 30], gamma=0.1)]
# 5e-5 at a batch of 4 windows.
optim_wrapper = dict(optimizer=dict(type='Adam', lr=5e-5), clip_grad=dict(max_norm=40, norm_type=2))
auto_scale_lr = dict(enable=True, base_batch_size=4)
