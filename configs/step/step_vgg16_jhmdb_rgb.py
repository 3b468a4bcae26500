# The setting of UCF101-24 on J-HMDB, split 1.
_base_ = [
    '_base_/models/step_vgg16.py', '_base_/datasets/jhmdb.py', '_base_/schedules/adam_ucf_35e.py',
    '_base_/default_runtime.py'
]

model = dict(roi_head=dict(bbox_head=dict(num_classes=len(_base_.class_names))))
