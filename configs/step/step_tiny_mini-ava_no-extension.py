# The quickstart without temporal extension: every step sees the target clip alone. What it loses against
# step_tiny_mini-ava.py, above all on the context actions, is what the extension earns.
_base_ = ['step_tiny_mini-ava.py']

num_clips = 1
# All tubes at every step, as in the studies that begin from here.
model = dict(num_clips=num_clips, roi_head=dict(extend_at=(), temporal_extension=None, test_cfg=dict(prune=None)))

train_pipeline = _base_.train_pipeline
train_pipeline[1].update(num_clips=num_clips)
test_pipeline = _base_.test_pipeline
test_pipeline[1].update(num_clips=num_clips)
train_dataloader = dict(dataset=dict(num_clips=num_clips, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(num_clips=num_clips, pipeline=test_pipeline))
test_dataloader = val_dataloader
