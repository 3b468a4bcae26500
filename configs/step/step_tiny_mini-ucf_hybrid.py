# Hybrid fusion by mean of the two streams and early fusion, for testing, once these are trained:
# python tools/test.py configs/step/step_tiny_mini-ucf_hybrid.py
_base_ = ['step_tiny_mini-ucf_late.py']

early = dict(
    channels=(0, 13),
    model=dict(
        _base_.detector,
        init_cfg=dict(type='Pretrained', checkpoint='work_dirs/step_tiny_mini-ucf_early/iter_1500.pth')))
model = dict(streams=[*_base_.model.streams, early])
