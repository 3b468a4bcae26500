# Early fusion: RGB and five flow maps in one input, 13 channels. Flow as for step_vgg16_ucf101-24_flow.py.
_base_ = ['step_vgg16_ucf101-24_rgb.py']

model = dict(
    data_preprocessor=dict(type='TwoStreamPreprocessor', num_flows=5, flow_scale=5.), backbone=dict(in_channels=13))

scale = (400, 400)
window = dict(type='SampleClipWindow', clip_len=6, num_clips=5, num_flows=5)
train_pipeline = [
    dict(type='DecordWindowInit'), window,
    dict(type='DecordWindowDecode'),
    dict(type='FlowFramesDecode'),
    dict(type='TubeRandomCrop'),
    dict(type='TubeResize', scale=scale, keep_ratio=False),
    dict(type='TubeFlip', flip_ratio=0.5),
    dict(type='TubePhotoMetricDistortion'),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
test_pipeline = [
    dict(type='DecordWindowInit'), window,
    dict(type='DecordWindowDecode'),
    dict(type='FlowFramesDecode'),
    dict(type='TubeResize', scale=scale, keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
data_prefix = dict(flow='data/ucf101_24/flow')
train_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=test_pipeline))
test_dataloader = val_dataloader
