# The second stage of MMAction2's way on the mini data set: its detector on AVA (Fast R-CNN with AVARoIHead), on the
# backbone, the frames and the augmentation of step_tiny_mini-ava.py. It is trained in the annotated boxes, all that
# MMAction2's own recipe (IoU of 0.9) leaves of a small detector's, and tested in those that person_detector.py finds.
_base_ = [
    '../../_base_/models/step_tiny.py', '../../_base_/datasets/mini_ava.py', '../../_base_/schedules/adamw_mini.py'
]

channels = 64
model = dict(
    _delete_=True,
    type='FastRCNN',
    _scope_='mmdet',
    data_preprocessor=dict(_base_.model.data_preprocessor, type='mmaction.WindowPreprocessor'),
    # The backbone sees the whole window at once: this head takes one box of a window, and looks no further by itself.
    backbone=dict(_base_.model.backbone, type='mmaction.ResNet3d', conv1_stride_t=_base_.temporal_stride),
    roi_head=dict(
        type='AVARoIHead',
        bbox_roi_extractor=dict(type='SingleRoIExtractor3D', featmap_stride=16, output_size=4),
        bbox_head=dict(
            type='BBoxHeadAVA',
            background_class=True,
            in_channels=channels,
            num_classes=_base_.num_classes + 1,
            topk=(1, 3),
            dropout_ratio=0.1)),
    train_cfg=dict(
        rcnn=dict(
            assigner=dict(type='MaxIoUAssignerAVA', pos_iou_thr=0.9, neg_iou_thr=0.9, min_pos_iou=0.9),
            sampler=dict(type='RandomSampler', num=32, pos_fraction=1, neg_pos_ub=-1, add_gt_as_proposals=True),
            pos_weight=1.0)),
    test_cfg=dict(rcnn=None))

train_pipeline = [
    *_base_.train_pipeline[:-1],
    dict(type='KeyFrameBoxes', as_proposals=True),
    dict(type='PackActionInputs')
]
test_pipeline = [*_base_.test_pipeline[:-1], dict(type='KeyFrameBoxes'), dict(type='PackActionInputs')]
perfect_pipeline = [
    *_base_.test_pipeline[:-1],
    dict(type='KeyFrameBoxes', as_proposals=True),
    dict(type='PackActionInputs')
]
train_dataloader = dict(num_workers=0, persistent_workers=False, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=1,  # AVARoIHead takes no more
    num_workers=0,
    persistent_workers=False,
    dataset=dict(proposal_file='work_dirs/two_stage/boxes.pkl', person_det_score_thr=0., pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(
    _delete_=True,
    type='AVAMetric',
    ann_file=_base_.val_evaluator.ann_file,
    exclude_file=None,
    label_file=_base_.label_file,
    num_classes=_base_.num_classes + 1)
test_evaluator = val_evaluator

max_iters = 2400
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
param_scheduler = _base_.param_scheduler
param_scheduler[1].update(end=max_iters, T_max=max_iters - 100)
