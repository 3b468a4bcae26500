# Ablation of section 4.2: one IoU threshold at all steps.
_base_ = ['step_vgg16_ucf101-24_rgb.py']

model = dict(roi_head=dict(train_cfg=dict(assigner=[dict(type='TubeAssigner', pos_iou_thr=0.5)] * 3)))
