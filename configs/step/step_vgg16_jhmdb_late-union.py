# Late fusion by union: the tubes of both streams, and NMS.
_base_ = ['step_vgg16_jhmdb_late.py']

model = dict(mode='union')
