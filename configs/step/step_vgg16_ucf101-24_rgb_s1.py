# Ablation of Table 1(a): one step of spatial refinement, without temporal extension.
_base_ = ['step_vgg16_ucf101-24_rgb.py']

num_steps = 1
model = dict(
    num_clips=1,
    roi_head=dict(
        num_steps=num_steps,
        extend_at=(),
        train_cfg=dict(assigner=[dict(type='TubeAssigner', pos_iou_thr=thr) for thr in (0.2, )])))

window = dict(type='SampleClipWindow', clip_len=6, num_clips=1)
train_pipeline = [window if t['type'] == 'SampleClipWindow' else t for t in _base_.train_pipeline]
test_pipeline = [window if t['type'] == 'SampleClipWindow' else t for t in _base_.test_pipeline]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(num_steps=num_steps)
test_evaluator = val_evaluator
