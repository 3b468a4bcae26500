# Hybrid fusion by mean of the two streams and early fusion, for testing, once these are trained:
# python tools/test.py configs/step/step_vgg16_jhmdb_hybrid.py
_base_ = ['step_vgg16_jhmdb_early.py']

detector = _base_.model
# The config whose last checkpoint a stream takes, and its channels of the early-fusion input.
streams = [('step_vgg16_jhmdb_rgb', (0, 3)), ('step_vgg16_jhmdb_flow', (3, 13)), ('step_vgg16_jhmdb_early', (0, 13))]
model = dict(
    _delete_=True,
    type='StreamFusion',
    mode='mean',
    data_preprocessor=detector.data_preprocessor,
    streams=[
        dict(
            channels=channels,
            model=dict(
                detector,
                backbone=dict(detector.backbone, in_channels=channels[1] - channels[0], init_cfg=None),
                init_cfg=dict(type='Pretrained', checkpoint=f'work_dirs/{name}/epoch_35.pth')))
        for name, channels in streams
    ])
