# The paper's 10 epochs on AVA (section 4.1).
max_epochs = 10
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_begin=1, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
param_scheduler = [dict(type='MultiStepLR', by_epoch=True, begin=0, end=max_epochs, milestones=[6], gamma=0.1)]
# 5e-6 for the backbone and 5e-5 for the branches, at a batch of 4 windows: tools/train.py accumulates four iterations
# on one GPU and none on four. Eight GPUs make a batch of 8, at the same rates.
optim_wrapper = dict(
    optimizer=dict(type='Adam', lr=5e-5, fused=True),
    paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))),
    clip_grad=dict(max_norm=40, norm_type=2))
auto_scale_lr = dict(enable=False, base_batch_size=4)
