# The paper's 35 epochs on UCF101-24 (section 4.1).
max_epochs = 35
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_begin=1, val_interval=5)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
param_scheduler = [dict(type='MultiStepLR', by_epoch=True, begin=0, end=max_epochs, milestones=[20, 30], gamma=0.1)]
# 5e-5 at a batch of 4 windows.
optim_wrapper = dict(optimizer=dict(type='Adam', lr=5e-5, fused=True), clip_grad=dict(max_norm=40, norm_type=2))
auto_scale_lr = dict(enable=False, base_batch_size=4)
