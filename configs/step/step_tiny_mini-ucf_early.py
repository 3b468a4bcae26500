# Early fusion: RGB and five flow maps in one input. Flow as for step_tiny_mini-ucf_flow.py.
_base_ = ['step_tiny_mini-ucf.py']

model = dict(
    data_preprocessor=dict(
        _delete_=True,
        type='TwoStreamPreprocessor',
        mean=[127.5, 127.5, 127.5],
        std=[127.5, 127.5, 127.5],
        num_flows=5,
        flow_scale=2.),
    backbone=dict(in_channels=13))
optical_flow = dict(method='dis', range=10.)

window = dict(type='SampleClipWindow', clip_len=6, num_clips=5, temporal_stride=3, num_flows=5, min_actor_frames=3)
train_pipeline = [
    dict(type='WindowInit'), window,
    dict(type='WindowDecode'),
    dict(type='FlowFramesDecode'),
    dict(type='TubeResize', scale=(128, 128), keep_ratio=False),
    dict(type='TubeFlip', flip_ratio=0.5),
    dict(type='TubeRandomShift'),
    dict(type='TubePhotoMetricDistortion'),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
test_pipeline = [
    dict(type='WindowInit'), window,
    dict(type='WindowDecode'),
    dict(type='FlowFramesDecode'),
    dict(type='TubeResize', scale=(128, 128), keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
data_prefix = dict(img='data/mini/videos', flow='data/mini/flow')
train_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=test_pipeline))
test_dataloader = val_dataloader
