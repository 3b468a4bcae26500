# Ablation of Table 1(a): one step of spatial refinement, without temporal extension.
_base_ = ['step_vgg16_ucf101-24_rgb_s3.py']

num_steps = 1
model = dict(
    roi_head=dict(
        num_steps=num_steps, train_cfg=dict(assigner=[dict(type='TubeAssigner', pos_iou_thr=thr) for thr in (0.2, )])))
val_evaluator = dict(num_steps=num_steps)
test_evaluator = val_evaluator
