# The same on optical flow, five maps a frame. First:
# python tools/data/extract_flow.py data/mini/videos data/mini/flow --method dis --range 10
_base_ = ['step_tiny_mini-ucf.py']

model = dict(
    # Flow is in pixels of the 128x128 picture; figures move by a pixel or two a frame.
    data_preprocessor=dict(_delete_=True, type='TwoStreamPreprocessor', num_flows=5, flow_scale=2.),
    backbone=dict(in_channels=10))
# As the files are made; on a video or a stream flow is made likewise.
optical_flow = dict(method='dis', range=10.)

window = dict(type='SampleClipWindow', clip_len=6, num_clips=5, temporal_stride=3, num_flows=5, min_actor_frames=3)
train_pipeline = [
    window,
    dict(type='FlowFramesDecode'),
    dict(type='TubeResize', scale=(128, 128), keep_ratio=False),
    dict(type='TubeFlip', flip_ratio=0.5),
    dict(type='TubeRandomShift'),
    dict(type='PackTubeInputs')
]
test_pipeline = [
    window,
    dict(type='FlowFramesDecode'),
    dict(type='TubeResize', scale=(128, 128), keep_ratio=False),
    dict(type='PackTubeInputs')
]
data_prefix = dict(img='data/mini/videos', flow='data/mini/flow')
train_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=test_pipeline))
test_dataloader = val_dataloader
