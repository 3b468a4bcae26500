# The mini data set (tools/data/mini) in UCF101-24's form: one label a tube, every frame annotated.
_base_ = ['../classes/mini.py']

class_names = _base_.mini_classes
# 6 -> 18 -> 30 frames over the three steps, as in the paper; a feature frame for every three frames of the video.
num_clips, clip_len, temporal_stride = 5, 6, 3

data_root = 'data/mini'
ann_file = f'{data_root}/annotations/mini_tubes.pkl'
# A clip shows an action if half of it does; where one action goes over into another the clip has both.
min_actor_frames = 3
window = dict(
    type='SampleClipWindow',
    clip_len=clip_len,
    num_clips=num_clips,
    temporal_stride=temporal_stride,
    min_actor_frames=min_actor_frames)
train_pipeline = [
    dict(type='WindowInit'), window,
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
# UCF101-24's class reads any file of ACT's layout; the classes come from the file.
dataset = dict(
    type='UCF101_24Dataset',
    ann_file=ann_file,
    data_prefix=dict(img=f'{data_root}/videos'),
    use_frames=False,
    clip_len=clip_len,
    min_actor_frames=min_actor_frames)
train_dataloader = dict(
    batch_size=4,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(dataset, pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(dataset, pipeline=test_pipeline, window_stride=3, test_mode=True))
test_dataloader = val_dataloader
val_evaluator = dict(
    type='TubeMetric',
    ann_file=ann_file,
    clip_len=clip_len,
    temporal_stride=temporal_stride,
    num_steps=3,
    # Actions of the mini set may be over after half a second.
    rules=dict(type='act', min_tube_length=6, link_iou=0.5),
    trim=dict(switch_cost=0.1, threshold=0.2))
test_evaluator = val_evaluator
