# The small model of the mini set on some videos of UCF101-24, RGB and flow in one input: for a look at the whole way,
# from videos to video-mAP, on a CPU. tools/data/ucf101_24/README.md, "A try with a few videos", has the commands.
_base_ = ['step_tiny_mini-ucf_early.py', '_base_/classes/ucf101_24.py']

class_names = _base_.ucf101_24_classes
model = dict(
    # Frames of 320x240 become 192x144: actors move by some pixels a frame.
    data_preprocessor=dict(flow_scale=3.),
    # Stride 8 where the mini set's figures do with 16: people who dance touch each other.
    backbone=dict(spatial_strides=(1, 2, 1)),
    roi_head=dict(
        # 36 tubes, small ones too, so that two who stand close do not share their nearest ones.
        prior_generator=dict(scales=(1, 4 / 3, 2, 3), overlaps=(0, 0, 1 / 2, 1 / 2)),
        bbox_roi_extractor=dict(featmap_stride=8, roi_layer=dict(sampling_ratio=2)),
        bbox_head=dict(num_classes=len(class_names)),
        train_cfg=dict(sampler=dict(num_pos=8)),
        test_cfg=dict(nms=dict(iou_threshold=0.6))))

optical_flow = dict(range=20.)
scale = (192, 144)
# A few videos are learnt by heart: no other colours, no mirror images.
left_out = ('TubePhotoMetricDistortion', 'TubeFlip')
train_pipeline = [
    dict(t, scale=scale) if t['type'] == 'TubeResize' else t for t in _base_.train_pipeline
    if t['type'] not in left_out
]
test_pipeline = [dict(t, scale=scale) if t['type'] == 'TubeResize' else t for t in _base_.test_pipeline]

data_root = 'data/ucf101_24'
ann_file = f'{data_root}/annotations/subset.pkl'
data_prefix = dict(img=f'{data_root}/videos', flow=f'{data_root}/flow')
# Videos are untrimmed: clips without an actor teach where an action ends.
train_dataloader = dict(
    dataset=dict(data_prefix=data_prefix, pipeline=train_pipeline, background=True, ann_file=ann_file))
val_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=test_pipeline, ann_file=ann_file))
test_dataloader = val_dataloader
val_evaluator = dict(
    # NMS leaves two who dance together alone. Tubelets begin 3 frames apart, so one person's overlap far more.
    rules=dict(_delete_=True, type='act', tubelet_nms_thr=0.6, link_iou=0.7),
    trim=dict(switch_cost=1.0, threshold=0.3),
    ann_file=ann_file)
test_evaluator = val_evaluator

max_iters = 3000
train_cfg = dict(max_iters=max_iters, val_interval=1000)
param_scheduler = _base_.param_scheduler
param_scheduler[1].update(end=max_iters, T_max=max_iters - 100)
