# What the third step learns from, and what its backbone sees.
title = 'Supervision and features of the clips'
paper = 'Eq. 3; no figures'
figure = 'overall'
extra = ('context', )
note = (
    'Frame-mAP@0.5 of the mini data set in %. Whole clips: boxes between two annotated seconds are interpolated and '
    'trained on; key frame: the annotated frames alone.')
base = 'step_tiny_mini-ava.py'
variants = dict(
    clips=dict(
        config=base, options={'model.roi_head.test_cfg.prune': None}, label='whole clips, independent features'),
    key_frame=dict(
        config=base,
        options={
            'model.roi_head.test_cfg.prune': None,
            'train_dataloader.dataset.pipeline.1.interpolate': False
        },
        label='key frame, independent features'),
    joint=dict(
        config=base,
        options={
            'model.roi_head.test_cfg.prune': None,
            'model.clip_features': 'joint'
        },
        label='whole clips, joint features'))
claims = [
    dict(text='whole clips over the key frame', more='clips', less='key_frame'),
    dict(text='joint over independent features', more='joint', less='clips'),
    dict(text='joint over independent features, step 2', more=('joint', 2), less=('clips', 2)),
]
del base
