# A small STEP on the per-frame tubes of the mini data set (tools/data/mini), the form of UCF101-24: one label a tube,
# every frame annotated, tubes linked over the whole video. Trained on two CPU cores in ten minutes.
_base_ = ['_base_/models/step_tiny.py', '_base_/datasets/mini_ucf.py', '_base_/schedules/adamw_mini.py']

model = dict(
    num_clips=_base_.num_clips,
    clip_features='joint',
    backbone=dict(conv1_stride_t=_base_.temporal_stride),
    roi_head=dict(
        bbox_head=dict(
            multilabel=False,
            # Nine feature frames, over two seconds: walk and pace differ by the turns.
            global_branch=dict(kernel_sizes=[(5, 1, 1), (1, 3, 3), (5, 1, 1)]),
            loss_cls=dict(type='mmdet.CrossEntropyLoss', use_sigmoid=False, loss_weight=3.)),
        extend_at=(2, 3)))
