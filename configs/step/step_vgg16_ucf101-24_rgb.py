# STEP with VGG16 on UCF101-24, RGB, as in the paper (section 4.1): 11 initial tubes, clips of 6 frames, three steps
# over 6, 18 and 30 frames of 400x400.
_base_ = [
    '_base_/models/step_vgg16.py', '_base_/datasets/ucf101_24.py', '_base_/schedules/adam_ucf_35e.py',
    '_base_/default_runtime.py'
]
