# Late fusion by union: the tubes of both streams, and NMS.
_base_ = ['step_tiny_mini-ucf_late.py']

model = dict(mode='union')
