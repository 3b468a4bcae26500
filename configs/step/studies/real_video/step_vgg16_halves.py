# STEP with VGG16 at a size that two CPU cores bear, on two halves of a few real videos that
# tools/analysis_tools/split_in_time.py makes: 10 frames a second of 160x112, clips of 2 frames. Three steps over 2, 6
# and 10 frames see as much time as the paper's 6, 18 and 30 frames of 30 a second.
_base_ = [
    '../../_base_/models/step_vgg16.py', '../../_base_/datasets/ucf101_24.py', '../../_base_/schedules/adamw_mini.py'
]

channels = 64
model = dict(
    # VGG16's convolutions under torchvision's or MMCV's names. They are not trained, so that each frame's features are
    # made once.
    backbone=dict(
        _delete_=True,
        type='FrameCache',
        backbone=dict(type='FrameVGG', init_cfg=dict(type='Pretrained', checkpoint='data/pretrained/vgg16.pth'))),
    roi_head=dict(
        # 36 tubes, small ones too: persons are a tenth to a half of the picture's height.
        prior_generator=dict(scales=(1, 4 / 3, 2, 3), overlaps=(0, 0, 1 / 2, 1 / 2)),
        bbox_roi_extractor=dict(roi_layer=dict(output_size=4, sampling_ratio=2)),
        scene_context=dict(roi_feat_size=4, out_channels=channels),
        bbox_head=dict(
            roi_feat_size=4,
            reduced_channels=channels,
            reg_class_agnostic=True,
            dropout_ratio=0.1,
            context_channels=channels,
            # VGG16's features are not normalised, so both branches do it.
            global_branch=dict(
                in_channels=512 + channels,
                channels=channels,
                kernel_sizes=[(3, 1, 1), (1, 3, 3), (3, 1, 1)],
                norm_cfg=dict(_delete_=True, type='BN3d')),
            local_branch=dict(
                channels=2 * channels, inner_channels=channels, num_blocks=2, norm_cfg=dict(type='BN2d')),
            bbox_coder=dict(target_stds=(0.2, 0.2, 0.3, 0.3)),
            loss_bbox=dict(loss_weight=1.),
            loss_anticipation=dict(loss_weight=0.2)),
        test_cfg=dict(prune=dict(score_thr=0.05, nms=0.7))))

data_root = 'data/ucf101_24/halves'
clip_len, scale = 2, (160, 112)
window = dict(type='SampleClipWindow', clip_len=clip_len, num_clips=_base_.num_clips)
decode = [
    window,
    dict(type='RawFrameDecode'),
]
pack = [dict(type='FormatShape', input_format='NCTHW', collapse=True), dict(type='PackTubeInputs')]
train_pipeline = [
    *decode,
    dict(type='TubeResize', scale=scale, keep_ratio=False),
    dict(type='TubeFlip', flip_ratio=0.5), *pack
]
test_pipeline = [*decode, dict(type='TubeResize', scale=scale, keep_ratio=False), *pack]
ann = dict(ann_file=f'{data_root}/annotations.pkl', test_list=None)
dataset = dict(ann, data_prefix=dict(img=f'{data_root}/frames'), use_frames=True, clip_len=clip_len)
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    persistent_workers=False,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(dataset, pipeline=train_pipeline, window_stride=1))
val_dataloader = dict(
    num_workers=0, persistent_workers=False, dataset=dict(dataset, pipeline=test_pipeline, window_stride=clip_len))
test_dataloader = val_dataloader
# NMS leaves two who dance together alone.
val_evaluator = dict(ann, clip_len=clip_len, rules=dict(_delete_=True, type='act', min_tube_length=5), trim=None)
test_evaluator = val_evaluator

max_iters = 800
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
param_scheduler = _base_.param_scheduler
param_scheduler[0].update(end=30)
param_scheduler[1].update(begin=30, end=max_iters, T_max=max_iters - 30)
default_hooks = dict(checkpoint=dict(interval=100))
