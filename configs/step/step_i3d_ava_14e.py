# The recipe of the published weights: Adam with a cosine over 14 epochs, batch 8, smaller rates for earlier layers.
_base_ = ['step_i3d_ava.py']

max_epochs = 14
train_cfg = dict(max_epochs=max_epochs)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=1000),
    dict(
        type='CosineAnnealingLR',
        by_epoch=True,
        begin=0,
        end=max_epochs,
        T_max=max_epochs,
        eta_min=0,
        convert_to_iter_based=True)
]
optim_wrapper = dict(
    optimizer=dict(lr=7.5e-4),
    paramwise_cfg=dict(
        custom_keys={
            'backbone': dict(lr_mult=0.1),
            'backbone.conv3d_1a': dict(lr_mult=0.1 / 8),
            'backbone.conv3d_2': dict(lr_mult=0.1 / 4),
            'backbone.mixed_3': dict(lr_mult=0.1 / 2),
            'mixed_5': dict(lr_mult=0.2)
        }))
auto_scale_lr = dict(base_batch_size=8)
