# AVA v2.1 in windows of three clips of a second, 400x400. tools/data/ava/README.md says where the data go.
_base_ = ['../classes/ava.py']

ava_classes = _base_.ava_classes
num_clips, clip_len, fps, temporal_stride = 3, 12, 12, 4

data_root = 'data/ava/videos'
anno_root = 'data/ava/annotations'
label_file = f'{anno_root}/ava_action_list_v2.1_for_activitynet_2018.pbtxt'
scale = (400, 400)
window = dict(
    type='SampleTubeWindow', clip_len=clip_len, num_clips=num_clips, fps=fps, temporal_stride=temporal_stride)
train_pipeline = [
    dict(type='WindowInit'),
    dict(window, jitter=1),
    dict(type='WindowDecode'),
    dict(type='TubeRandomCrop'),
    dict(type='Resize', scale=scale, keep_ratio=False),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='TubePhotoMetricDistortion'),
    dict(type='TubeRandomErasing', erase_prob=0.5),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
test_pipeline = [
    dict(type='WindowInit'), window,
    dict(type='WindowDecode'),
    dict(type='Resize', scale=scale, keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
dataset = dict(
    type='AVAWindowDataset',
    label_file=label_file,
    data_prefix=dict(img=data_root),
    use_frames=False,
    num_classes=len(ava_classes) + 1,
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
    num_steps=3,
    ann_file=f'{anno_root}/ava_val_v2.1.csv',
    exclude_file=f'{anno_root}/ava_val_excluded_timestamps_v2.1.csv',
    label_file=label_file,
    num_classes=len(ava_classes) + 1,
    custom_classes=ava_classes)
test_evaluator = val_evaluator
