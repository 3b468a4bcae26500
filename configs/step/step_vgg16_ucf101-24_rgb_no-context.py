# Ablation of section 4.2: without scene context.
_base_ = ['step_vgg16_ucf101-24_rgb.py']

model = dict(
    roi_head=dict(scene_context=None, bbox_head=dict(context_channels=0, global_branch=dict(in_channels=512))))
