# The same on optical flow, five maps a frame:
# python tools/data/extract_flow.py data/ucf101_24/videos data/ucf101_24/flow
_base_ = ['step_vgg16_ucf101-24_rgb.py']

# Displacements in pixels of the 400x400 input.
model = dict(
    data_preprocessor=dict(_delete_=True, type='TwoStreamPreprocessor', num_flows=5, flow_scale=5.),
    backbone=dict(in_channels=10))

scale = (400, 400)
window = dict(type='SampleClipWindow', clip_len=6, num_clips=5, num_flows=5)
train_pipeline = [
    window,
    dict(type='FlowFramesDecode'),
    dict(type='TubeRandomCrop'),
    dict(type='TubeResize', scale=scale, keep_ratio=False),
    dict(type='TubeFlip', flip_ratio=0.5),
    dict(type='PackTubeInputs')
]
test_pipeline = [
    window,
    dict(type='FlowFramesDecode'),
    dict(type='TubeResize', scale=scale, keep_ratio=False),
    dict(type='PackTubeInputs')
]
data_prefix = dict(_delete_=True, flow='data/ucf101_24/flow')
train_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=test_pipeline))
test_dataloader = val_dataloader
