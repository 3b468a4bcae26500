# The model that the published classification pre-training fits: one step, nine feature frames. Make the checkpoint by
#   python tools/convert/nvlabs_to_mmstep.py PRETRAINED.pth data/pretrained/step_i3d_ava_released_cls-pretrain.pth
# To train a detector from it: tools/train.py configs/step/step_i3d_ava_14e.py with
# --cfg-options at model.backbone.init_cfg.checkpoint, model.roi_head.scene_context.init_cfg.checkpoint and
# model.roi_head.bbox_head.init_cfg.checkpoint.
_base_ = ['step_i3d_ava_cls-pretrain.py']

model = dict(
    backbone=dict(init_cfg=None),
    roi_head=dict(
        scene_context=dict(init_cfg=None),
        bbox_head=dict(
            anticipate=True, bbox_coder=dict(legacy=True), global_branch=dict(init_cfg=None), init_cfg=None)))

load_from = 'data/pretrained/step_i3d_ava_released_cls-pretrain.pth'
find_unused_parameters = True
