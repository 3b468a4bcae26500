# Ablation of Table 1(a): three steps of spatial refinement, without temporal extension.
_base_ = ['step_vgg16_ucf101-24_rgb.py']

model = dict(num_clips=1, roi_head=dict(extend_at=()))

train_pipeline = [dict(t, num_clips=1) if t['type'] == 'SampleClipWindow' else t for t in _base_.train_pipeline]
test_pipeline = [dict(t, num_clips=1) if t['type'] == 'SampleClipWindow' else t for t in _base_.test_pipeline]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
