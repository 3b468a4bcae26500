# STEP with VGG16 (section 4.1): 11 initial tubes, three steps over one, three and five clips.
channels = 256

model = dict(
    type='STEPDetector',
    num_clips=5,
    # VGG16 sees single frames, so clips are independent anyway.
    clip_features='independent',
    data_preprocessor=dict(type='WindowPreprocessor', mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(
        type='FrameVGG',
        in_channels=3,
        init_cfg=dict(type='Pretrained', checkpoint='https://download.pytorch.org/models/vgg16-397923af.pth')),
    roi_head=dict(
        type='ProgressiveRoIHead',
        num_steps=3,
        # The 11 tubes of Figure 2: full frame, one centred box of side 3/4, a 3x3 grid of side 1/2.
        prior_generator=dict(type='TubeGridGenerator', scales=(1, 4 / 3, 2), overlaps=(0, 0, 1 / 2)),
        bbox_roi_extractor=dict(
            type='TubeRoIExtractor',
            featmap_stride=16,
            roi_layer=dict(type='RoIAlign', output_size=7, sampling_ratio=0, aligned=True)),
        scene_context=dict(type='RoIPooledSceneContext', in_channels=512),
        bbox_head=dict(
            type='TwoBranchHead',
            num_classes=24,  # of UCF101-24
            multilabel=False,
            reg_class_agnostic=False,
            in_channels=512,
            context_channels=512,
            context_to='global_branch',
            dropout_ratio=0.3,
            global_branch=dict(
                type='Conv3dGlobalBranch', in_channels=512 + 512, channels=channels, norm_cfg=None, pool_time=True),
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
