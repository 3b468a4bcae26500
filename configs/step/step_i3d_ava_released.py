# The model that the published AVA weights fit: legacy boxes, anticipation layers in every step. Make the checkpoint by
#   python tools/convert/nvlabs_to_mmstep.py PUBLISHED.pth data/pretrained/step_i3d_ava_released.pth
# and score it by tools/test.py. Extrapolation in place of anticipation (section 3.3), with the same weights:
#   --cfg-options model.roi_head.temporal_extension.type=LinearExtrapolation
# The weights stay under CC BY-NC-SA 4.0.
_base_ = ['step_i3d_ava_14e.py']

model = dict(
    backbone=dict(init_cfg=None),
    roi_head=dict(
        scene_context=dict(init_cfg=None),
        # All three heads hold the layers of the neighbouring clips; only the second's are used.
        bbox_head=dict(anticipate=True, bbox_coder=dict(legacy=True), init_cfg=None)))
# Class column i of the scores is the i-th smallest id of the 60-class label map; their names, so that the demo needs
# no data set.
class_names = _base_.ava_class_names

# Training goes on from the published weights; distributed training has to know that some layers are idle.
load_from = 'data/pretrained/step_i3d_ava_released.pth'
find_unused_parameters = True
