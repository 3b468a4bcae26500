# Ablation of section 4.2: without hard-aware sampling; positives and negatives are drawn uniformly.
_base_ = ['step_vgg16_ucf101-24_rgb.py']

model = dict(roi_head=dict(train_cfg=dict(sampler=dict(uniform=True))))
