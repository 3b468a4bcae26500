# The same on optical flow, five maps a frame:
# python tools/data/extract_flow.py data/ucf101_24/videos data/ucf101_24/flow
_base_ = ['step_vgg16_ucf101-24_rgb.py', '_base_/datasets/flow_clips.py']

# Displacements in pixels of the 400x400 input.
model = dict(
    data_preprocessor=dict(_delete_=True, type='TwoStreamPreprocessor', num_flows=5, flow_scale=5.),
    backbone=dict(in_channels=10))

data_prefix = dict(_delete_=True, flow=f'{_base_.data_root}/flow')
train_pipeline = _base_.flow_train_pipeline
test_pipeline = _base_.flow_test_pipeline
train_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=test_pipeline))
test_dataloader = val_dataloader
