# Late fusion by mean of the RGB and the flow stream, for testing, once these are trained:
# python tools/test.py configs/step/step_vgg16_ucf101-24_late.py
_base_ = ['step_vgg16_ucf101-24_early.py']

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
                init_cfg=dict(type='Pretrained', checkpoint='work_dirs/step_vgg16_ucf101-24_rgb/epoch_35.pth'))),
        dict(
            channels=(3, 13),
            model=dict(
                detector,
                backbone=dict(detector.backbone, in_channels=10),
                init_cfg=dict(type='Pretrained', checkpoint='work_dirs/step_vgg16_ucf101-24_flow/epoch_35.pth')))
    ])
