# Ablation of Figure 6(b): 27 initial tubes, without temporal extension (11: ..._rgb_s3.py).
_base_ = ['step_vgg16_ucf101-24_rgb_s3.py']

model = dict(roi_head=dict(prior_generator=dict(scales=(1, 4 / 3, 2), overlaps=(0, 0, 3 / 4))))
