# The recipe of the published weights: Adam with a cosine over 14 epochs, batch 8, smaller rates for earlier layers.
_base_ = ['step_i3d_ava.py']

model = dict(
    roi_head=dict(
        bbox_head=dict(
            local_dropout_ratio=0.3,
            # lambda 5 and gamma 1 there, where the four coordinates of a box are averaged; here they are summed.
            loss_bbox=dict(loss_weight=1.25),
            loss_anticipation=dict(loss_weight=0.25),
            # The classifier begins anew.
            init_cfg=dict(override=dict(type='Normal', name='fc_cls', std=0.01)))))

# Noise over up to a fifth of the picture.
train_pipeline = [
    dict(t, mode='rand', max_area_ratio=0.2) if t['type'] == 'TubeRandomErasing' else t for t in _base_.train_pipeline
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

max_epochs = 14
train_cfg = dict(max_epochs=max_epochs)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=1000),
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
        # Those of the branches: the layers of I3D have none.
        bias_lr_mult=2.,
        custom_keys={
            'backbone': dict(lr_mult=0.1),
            'backbone.conv3d_1a': dict(lr_mult=0.1 / 8),
            'backbone.conv3d_2': dict(lr_mult=0.1 / 4),
            'backbone.mixed_3': dict(lr_mult=0.1 / 2),
            'mixed_5': dict(lr_mult=0.2)
        }))
auto_scale_lr = dict(base_batch_size=8)
