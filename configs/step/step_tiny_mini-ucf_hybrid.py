# Hybrid fusion: early fusion and the two streams, by mean, for testing, once these are trained:
# python tools/test.py configs/step/step_tiny_mini-ucf_hybrid.py
_base_ = ['step_tiny_mini-ucf_early.py']

detector = _base_.model
model = dict(
    _delete_=True,
    type='StreamFusion',
    mode='mean',
    data_preprocessor=detector.data_preprocessor,
    streams=[
        dict(
            channels=(0, 3),
            model=dict(
                detector,
                backbone=dict(detector.backbone, in_channels=3),
                init_cfg=dict(type='Pretrained', checkpoint='work_dirs/step_tiny_mini-ucf/iter_1500.pth'))),
        dict(
            channels=(3, 13),
            model=dict(
                detector,
                backbone=dict(detector.backbone, in_channels=10),
                init_cfg=dict(type='Pretrained', checkpoint='work_dirs/step_tiny_mini-ucf_flow/iter_1500.pth'))),
        dict(
            channels=(0, 13),
            model=dict(
                detector,
                backbone=dict(detector.backbone, in_channels=13),
                init_cfg=dict(type='Pretrained', checkpoint='work_dirs/step_tiny_mini-ucf_early/iter_1500.pth')))
    ])
