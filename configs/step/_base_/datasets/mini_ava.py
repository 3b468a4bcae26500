# The mini data set (tools/data/mini) in AVA's form: several labels an actor, one annotated frame a second.
_base_ = ['../classes/mini.py']

class_names = _base_.mini_classes
num_classes = len(class_names)
num_clips, clip_len, fps, temporal_stride = 3, 12, 12, 4

data_root = 'data/mini'
label_file = f'{data_root}/annotations/mini_action_list.pbtxt'
window = dict(
    type='SampleTubeWindow', clip_len=clip_len, num_clips=num_clips, fps=fps, temporal_stride=temporal_stride)
train_pipeline = [
    dict(type='WindowInit'),
    dict(window, jitter=2),
    dict(type='WindowDecode'),
    dict(type='Resize', scale=(128, 128), keep_ratio=False),
    dict(type='Flip', flip_ratio=0.5),
    dict(type='TubeRandomShift'),
    dict(type='TubePhotoMetricDistortion'),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
test_pipeline = [
    dict(type='WindowInit'), window,
    dict(type='WindowDecode'),
    dict(type='Resize', scale=(128, 128), keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
dataset = dict(
    type='AVAWindowDataset',
    label_file=label_file,
    data_prefix=dict(img=f'{data_root}/videos'),
    use_frames=False,
    num_classes=num_classes + 1,
    num_clips=num_clips,
    timestamp_start=0)
train_dataloader = dict(
    batch_size=4,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(dataset, ann_file=f'{data_root}/annotations/mini_train.csv', pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(dataset, ann_file=f'{data_root}/annotations/mini_val.csv', pipeline=test_pipeline, test_mode=True))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='StepwiseAVAMetric',
    num_steps=3,
    ann_file=f'{data_root}/annotations/mini_val.csv',
    exclude_file=None,
    label_file=label_file,
    num_classes=num_classes + 1,
    groups=dict(context=['walk', 'pace', 'squat', 'sit']))
test_evaluator = val_evaluator
