# Early fusion: RGB and five flow maps in one input, 13 channels. Flow as for step_vgg16_jhmdb_flow.py.
_base_ = ['step_vgg16_jhmdb_rgb.py', '_base_/datasets/flow_clips.py']

model = dict(
    data_preprocessor=dict(type='TwoStreamPreprocessor', num_flows=5, flow_scale=5.), backbone=dict(in_channels=13))

data_prefix = dict(flow=f'{_base_.data_root}/flow')
train_pipeline = _base_.early_train_pipeline
test_pipeline = _base_.early_test_pipeline
train_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data_prefix=data_prefix, pipeline=test_pipeline))
test_dataloader = val_dataloader
