# Classification of the annotated tubes (section 4.1), from Kinetics-400. Its result initialises step_i3d_ava.py, so
# run it first: tools/dist_train.sh configs/step/step_i3d_ava_cls-pretrain.py 8
_base_ = ['step_i3d_ava_14e.py']

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
        bbox_head=dict(loss_bbox=dict(loss_weight=0.), global_branch=dict(init_cfg=from_kinetics), init_cfg=None),
        train_cfg=dict(
            _delete_=True,
            assigner=dict(type='TubeAssigner', pos_iou_thr=0.5),
            sampler=dict(type='mmdet.PseudoSampler')),
        # The boxes are annotated ones: none is a second find of another, so none is suppressed.
        test_cfg=dict(score_thr=0., nms=dict(iou_threshold=1.))))
# Classification, not detection: its figures are called annotated_boxes/step1/overall and so on.
val_evaluator = dict(num_steps=1, prefix='annotated_boxes')
test_evaluator = val_evaluator

# The other rates keep their share of it: 5e-5 for the backbone, 1e-4 for Mixed_5.
optim_wrapper = dict(optimizer=dict(lr=5e-4))
auto_scale_lr = dict(base_batch_size=4)
