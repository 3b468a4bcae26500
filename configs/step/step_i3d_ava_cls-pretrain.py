# Classification of the annotated tubes (section 4.1), from Kinetics-400. Its result initialises step_i3d_ava.py, so
# run it first: tools/dist_train.sh configs/step/step_i3d_ava_cls-pretrain.py 8
_base_ = ['step_i3d_ava.py']

# I3D weights whose layers are named conv3d_1a_7x7.conv3d.weight and so on.
kinetics = 'data/pretrained/i3d_rgb_kinetics400.pth'
from_kinetics = dict(type='Pretrained', checkpoint=kinetics)

model = dict(
    backbone=dict(init_cfg=dict(_delete_=True, **from_kinetics)),
    roi_head=dict(
        num_steps=1,
        # Nine feature frames in one step: the whole window, without extension.
        extend_at=(),
        prior_generator=dict(_delete_=True, type='GroundTruthTubes'),
        scene_context=dict(init_cfg=dict(_delete_=True, **from_kinetics)),
        bbox_head=dict(
            loss_bbox=dict(loss_weight=0.),
            global_branch=dict(init_cfg=from_kinetics),
            init_cfg=None),
        train_cfg=dict(
            _delete_=True,
            assigner=dict(type='TubeAssigner', pos_iou_thr=0.5),
            sampler=dict(type='mmdet.PseudoSampler'))))
val_evaluator = dict(num_steps=1)
test_evaluator = val_evaluator

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
    optimizer=dict(lr=5e-4),
    paramwise_cfg=dict(
        custom_keys={
            'backbone': dict(lr_mult=0.1),
            'backbone.conv3d_1a': dict(lr_mult=0.1 / 8),
            'backbone.conv3d_2': dict(lr_mult=0.1 / 4),
            'backbone.mixed_3': dict(lr_mult=0.1 / 2),
            'mixed_5': dict(lr_mult=0.2)
        }))
