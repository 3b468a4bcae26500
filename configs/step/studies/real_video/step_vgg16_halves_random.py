# The same with random weights in place of the trained convolutions.
_base_ = ['step_vgg16_halves.py']

model = dict(backbone=dict(backbone=dict(init_cfg=dict(_delete_=True, type='Kaiming', layer='Conv2d'))))
