# J-HMDB, split 1, RGB: 21 classes, trimmed clips of one actor, else as UCF101-24. tools/data/jhmdb/README.md says
# where the data go. Other splits: --cfg-options with split=2 in the three data sets and the evaluators.
_base_ = ['ucf101_24.py', '../classes/jhmdb.py']

class_names = _base_.jhmdb_classes

data_root = 'data/jhmdb'
ann = dict(ann_file=f'{data_root}/annotations/JHMDB-GT.pkl', test_list=None, split=1)
dataset = dict(type='JHMDBDataset', data_prefix=dict(img=f'{data_root}/videos'), **ann)
train_dataloader = dict(dataset=dict(window_stride=1, **dataset))
val_dataloader = dict(dataset=dict(window_stride=1, **dataset))
test_dataloader = val_dataloader
# The videos are trimmed: an action lasts from the first frame to the last.
val_evaluator = dict(trim=None, **ann)
test_evaluator = val_evaluator
