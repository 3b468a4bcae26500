# Ablation of Figure 5: temporal extension by linear extrapolation (Eq. 4) instead of anticipation.
_base_ = ['step_vgg16_ucf101-24_rgb.py']

model = dict(roi_head=dict(temporal_extension=dict(type='LinearExtrapolation')))
