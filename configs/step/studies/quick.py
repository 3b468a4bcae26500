# A third of the training, for a quick look; the other studies train as long as their configs say.
title = 'A quick look: a third of the training'
paper = 'Table 1(a) and Figure 5, at a length at which neither is expected to hold in full'
figure = 'overall'
iterations = 400
extra = ('context', 'recall@0.5_top3')
note = (
    'Frame-mAP@0.5 of the mini data set in %, of 400 iterations in place of 1200. *Swapped at test* takes the weights '
    'of anticipation and extends otherwise. The third step sees three times as much as the others and learns last: '
    'what it gains by temporal extension has to be looked for in the study `extension`.')
base, plain = 'step_tiny_mini-ava.py', 'step_tiny_mini-ava_no-extension.py'
kind, prune = 'model.roi_head.temporal_extension.type', 'model.roi_head.test_cfg.prune'
assigners = [dict(type='TubeAssigner', pos_iou_thr=thr) for thr in (0.2, 0.35)]
variants = dict(
    s1=dict(
        config=plain,
        options={
            'model.roi_head.num_steps': 1,
            'model.roi_head.train_cfg.assigner': assigners[:1],
            'test_evaluator.num_steps': 1
        },
        label='S = 1, no extension'),
    s2=dict(
        config=plain,
        options={
            'model.roi_head.num_steps': 2,
            'model.roi_head.train_cfg.assigner': assigners,
            'test_evaluator.num_steps': 2
        },
        label='S = 2, no extension'),
    none=dict(config=plain, label='S = 3, no extension'),
    anticipation=dict(config=base, options={prune: None}, label='S = 3, anticipation'),
    swapped_extrapolation=dict(
        config=base,
        options={
            kind: 'LinearExtrapolation',
            prune: None
        },
        trained_as='anticipation',
        label='extrapolation, swapped at test'),
    swapped_replication=dict(
        config=base,
        options={
            kind: 'Replicate',
            prune: None
        },
        trained_as='anticipation',
        label='mean box repeated, swapped at test'))
claims = [
    dict(text='no extension: step 2 over step 1', more=('none', 2), less=('none', 1), published='+4.7'),
    dict(text='no extension: step 3 over step 2', more=('none', 3), less=('none', 2), published='+0.8'),
    dict(text='last step of S = 2 over S = 1', more='s2', less='s1', published='+9.2'),
    dict(text='last step of S = 3 over S = 2', more='none', less='s2', published='+1.9'),
    dict(text='anticipation over no extension', more='anticipation', less='none', published='by a large margin'),
    dict(text='the same, context actions', more='anticipation', less='none', figure='context'),
    dict(text='anticipation over extrapolation, swapped', more='anticipation', less='swapped_extrapolation'),
    dict(text='anticipation over the mean box, swapped', more='anticipation', less='swapped_replication'),
]
del base, plain, kind, prune, assigners
