# The setting of UCF101-24 on J-HMDB, split 1: 21 classes, trimmed clips of one actor. tools/data/jhmdb/README.md says
# where the data go. Other splits: --cfg-options with split=2 in the three data sets and the evaluators.
_base_ = ['step_vgg16_ucf101-24_rgb.py']

class_names = [
    'brush_hair', 'catch', 'clap', 'climb_stairs', 'golf', 'jump', 'kick_ball', 'pick', 'pour', 'pullup', 'push',
    'run', 'shoot_ball', 'shoot_bow', 'shoot_gun', 'sit', 'stand', 'swing_baseball', 'throw', 'walk', 'wave'
]
num_classes = len(class_names)
model = dict(roi_head=dict(bbox_head=dict(num_classes=num_classes)))

ann = dict(ann_file='data/jhmdb/annotations/JHMDB-GT.pkl', test_list=None, split=1)
dataset = dict(type='JHMDBDataset', data_prefix=dict(img='data/jhmdb/videos'), **ann)
train_dataloader = dict(dataset=dict(window_stride=1, **dataset))
val_dataloader = dict(dataset=dict(window_stride=1, **dataset))
test_dataloader = val_dataloader
# The videos are trimmed: an action lasts from the first frame to the last.
val_evaluator = dict(trim=None, **ann)
test_evaluator = val_evaluator
