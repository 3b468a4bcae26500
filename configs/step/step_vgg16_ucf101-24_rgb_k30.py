# Ablation of Figure 5: clips of 30 frames at every step, without temporal extension (K = 6: ..._rgb_s3.py).
_base_ = ['step_vgg16_ucf101-24_rgb_s3.py']

clip_len = 30
train_pipeline = [dict(t, clip_len=clip_len) if t['type'] == 'SampleClipWindow' else t for t in _base_.train_pipeline]
test_pipeline = [dict(t, clip_len=clip_len) if t['type'] == 'SampleClipWindow' else t for t in _base_.test_pipeline]
train_dataloader = dict(dataset=dict(clip_len=clip_len, pipeline=train_pipeline))
# Short videos: tubelets of 30 frames every three, as with K = 6.
val_dataloader = dict(dataset=dict(clip_len=clip_len, pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(clip_len=clip_len)
test_evaluator = val_evaluator
