# Hybrid fusion by mean of the two streams and early fusion, for testing, once these are trained:
# python tools/test.py configs/step/step_vgg16_jhmdb_hybrid.py
_base_ = ['step_vgg16_jhmdb_late.py']

early = dict(
    channels=(0, 13),
    model=dict(
        _base_.detector,
        backbone=dict(_base_.detector.backbone, init_cfg=None),
        init_cfg=dict(type='Pretrained', checkpoint='work_dirs/step_vgg16_jhmdb_early/epoch_35.pth')))
model = dict(streams=[*_base_.model.streams, early])
