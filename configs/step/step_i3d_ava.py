# STEP with I3D on AVA v2.1 as in the paper (section 4.1): 34 initial tubes, three steps, extension at the third,
# classification pre-training first (step_i3d_ava_cls-pretrain.py), then 10 epochs of detection.
_base_ = [
    '_base_/models/step_i3d.py', '_base_/datasets/ava.py', '_base_/schedules/adam_ava_10e.py',
    '_base_/default_runtime.py'
]

# What the classification pre-training leaves; see step_i3d_ava_cls-pretrain.py.
pretrained = 'work_dirs/step_i3d_ava_cls-pretrain/epoch_14.pth'
model = dict(
    backbone=dict(init_cfg=dict(type='Pretrained', checkpoint=pretrained, prefix='backbone.')),
    roi_head=dict(
        scene_context=dict(init_cfg=dict(type='Pretrained', checkpoint=pretrained, prefix='roi_head.scene_context.')),
        bbox_head=dict(init_cfg=dict(type='Pretrained', checkpoint=pretrained, prefix='roi_head.bbox_head.0.'))))
