# UCF101-24, split 1, RGB: windows of five clips of 6 frames, 400x400. tools/data/ucf101_24/README.md says where the
# data go.
_base_ = ['../classes/ucf101_24.py']

class_names = _base_.ucf101_24_classes
num_clips, clip_len = 5, 6

data_root = 'data/ucf101_24'
ann = dict(ann_file=f'{data_root}/annotations/pyannot.pkl', test_list=f'{data_root}/annotations/testlist01.txt')
scale = (400, 400)
window = dict(type='SampleClipWindow', clip_len=clip_len, num_clips=num_clips)
train_pipeline = [
    dict(type='WindowInit'), window,
    dict(type='WindowDecode'),
    dict(type='TubeRandomCrop'),
    dict(type='TubeResize', scale=scale, keep_ratio=False),
    dict(type='TubeFlip', flip_ratio=0.5),
    dict(type='TubePhotoMetricDistortion'),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
test_pipeline = [
    dict(type='WindowInit'), window,
    dict(type='WindowDecode'),
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
    # One window a clip length: the epochs see every clip several times.
    dataset=dict(dataset, pipeline=train_pipeline, window_stride=clip_len))
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(dataset, pipeline=test_pipeline, window_stride=clip_len // 2, test_mode=True))
test_dataloader = val_dataloader
val_evaluator = dict(type='TubeMetric', clip_len=clip_len, num_steps=3, rules='act', trim=dict(switch_cost=1.), **ann)
test_evaluator = val_evaluator
