# A small STEP for 128x128 frames and a CPU: a ResNet3d-18 of a quarter of the width, 11 initial tubes, three steps.
channels = 64

model = dict(
    type='STEPDetector',
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
        with_pool1=False,
        with_pool2=False,
        norm_cfg=dict(type='BN3d', requires_grad=True),
        norm_eval=False,
        zero_init_residual=False),
    roi_head=dict(
        type='ProgressiveRoIHead',
        num_steps=3,
        # The 11 tubes of the paper's Figure 2: full frame, one centred box of side 3/4, a 3x3 grid of side 1/2.
        prior_generator=dict(type='TubeGridGenerator', scales=(1, 4 / 3, 2), overlaps=(0, 0, 1 / 2)),
        bbox_roi_extractor=dict(
            type='TubeRoIExtractor',
            featmap_stride=16,
            roi_layer=dict(type='RoIAlign', output_size=4, sampling_ratio=1, aligned=True)),
        bbox_head=dict(
            type='TwoBranchHead',
            num_classes=9,  # of the mini data set
            in_channels=channels,
            roi_feat_size=4,
            reduced_channels=channels,
            dropout_ratio=0.1,
            global_branch=dict(type='Conv3dGlobalBranch', in_channels=channels, channels=channels),
            local_branch=dict(
                type='BottleneckLocalBranch',
                channels=channels,
                inner_channels=channels // 2,
                num_blocks=2,
                norm_cfg=dict(type='BN2d')),
            bbox_coder=dict(type='TubeDeltaCoder', target_stds=(0.2, 0.2, 0.3, 0.3)),
            loss_bbox=dict(type='mmdet.SmoothL1Loss', loss_weight=1.),
            loss_anticipation=dict(type='mmdet.SmoothL1Loss', loss_weight=0.2)),
        temporal_extension=dict(type='LocationAnticipation'),
        train_cfg=dict(
            assigner=[dict(type='TubeAssigner', pos_iou_thr=thr) for thr in (0.2, 0.35, 0.5)],
            sampler=dict(type='HardAwareSampler', num_pos=5, neg_pos_ratio=2)),
        test_cfg=dict(score_thr=0.01, nms=dict(type='nms', iou_threshold=0.4), max_per_img=300, keep_steps=True)))
