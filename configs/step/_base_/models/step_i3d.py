# STEP with I3D (sections 3.2 and 4.1): 34 initial tubes, three steps, the third over three clips.

# Batch norm keeps the statistics and the scale of Kinetics.
frozen_bn = dict(norm_cfg=dict(type='BN3d', requires_grad=False), norm_eval=True)

model = dict(
    type='STEPDetector',
    num_clips=3,
    clip_features='joint',
    data_preprocessor=dict(type='WindowPreprocessor', mean=[127.5, 127.5, 127.5], std=[127.5, 127.5, 127.5]),
    backbone=dict(type='InceptionI3D', final_endpoint='Mixed_4f', **frozen_bn),
    roi_head=dict(
        type='ProgressiveRoIHead',
        num_steps=3,
        prior_generator=dict(type='TubeGridGenerator', scales=(4 / 3, 2), overlaps=(5 / 6, 3 / 4)),
        bbox_roi_extractor=dict(
            type='TubeRoIExtractor',
            featmap_stride=16,
            roi_layer=dict(type='RoIAlign', output_size=7, sampling_ratio=0, aligned=False)),
        scene_context=dict(type='I3DSceneContext', in_channels=832, **frozen_bn),
        bbox_head=dict(
            type='TwoBranchHead',
            num_classes=60,  # of the AVA challenge 2018
            in_channels=832,
            context_channels=1024,
            dropout_ratio=0.3,
            global_branch=dict(type='I3DGlobalBranch', in_channels=832, **frozen_bn),
            local_branch=dict(type='BottleneckLocalBranch', channels=1024, inner_channels=256, num_blocks=3),
            bbox_coder=dict(type='TubeDeltaCoder'),
            loss_cls=dict(type='mmdet.CrossEntropyLoss', use_sigmoid=True),
            loss_bbox=dict(type='mmdet.SmoothL1Loss', loss_weight=5.),
            loss_anticipation=dict(type='mmdet.SmoothL1Loss', loss_weight=1.)),
        temporal_extension=dict(type='LocationAnticipation'),
        extend_at=(3, ),
        train_cfg=dict(
            assigner=[dict(type='TubeAssigner', pos_iou_thr=thr) for thr in (0.2, 0.35, 0.5)],
            sampler=dict(type='HardAwareSampler', num_pos=5, neg_pos_ratio=2)),
        test_cfg=dict(
            score_thr=0.01,
            nms=dict(type='nms', iou_threshold=0.4),
            max_per_img=300,
            keep_steps=True,
            tube_frames='clip')))
