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
# Class column i of the scores is the i-th smallest id of the 60-class label map; these are their names, so that the
# demo needs no data set.
class_names = [
    'bend/bow (at the waist)', 'crouch/kneel', 'dance', 'fall down', 'get up', 'jump/leap', 'lie/sleep', 'martial art',
    'run/jog', 'sit', 'stand', 'swim', 'walk', 'answer phone', 'carry/hold (an object)', 'climb (e.g., a mountain)',
    'close (e.g., a door, a box)', 'cut', 'dress/put on clothing', 'drink', 'drive (e.g., a car, a truck)', 'eat',
    'enter', 'hit (an object)', 'lift/pick up', 'listen (e.g., to music)', 'open (e.g., a window, a car door)',
    'play musical instrument', 'point to (an object)', 'pull (an object)', 'push (an object)', 'put down', 'read',
    'ride (e.g., a bike, a car, a horse)', 'sail boat', 'shoot', 'smoke', 'take a photo',
    'text on/look at a cellphone', 'throw', 'touch (an object)', 'turn (e.g., a screwdriver)', 'watch (e.g., TV)',
    'work on a computer', 'write', 'fight/hit (a person)', 'give/serve (an object) to (a person)', 'grab (a person)',
    'hand clap', 'hand shake', 'hand wave', 'hug (a person)', 'kiss (a person)', 'lift (a person)',
    'listen to (a person)', 'push (another person)', 'sing to (e.g., self, a person, a group)',
    'take (an object) from (a person)', 'talk to (e.g., self, a person, a group)', 'watch (a person)'
]

# Training goes on from the published weights; distributed training has to know that some layers are idle.
load_from = 'data/pretrained/step_i3d_ava_released.pth'
find_unused_parameters = True
