# The quickstart's model: whether each step beats the one before, and what leaving tubes behind changes.
title = 'The quickstart: step by step'
paper = 'Table 1(a), Figure 7; no figures for this model'
figure = 'overall'
extra = ('context', 'recall@0.5_top3')
note = 'Frame-mAP@0.5 of the mini data set in %; temporal extension at step 3 by anticipation, as on AVA.'
base = 'step_tiny_mini-ava.py'
variants = dict(
    full=dict(config=base, options={'model.roi_head.test_cfg.prune': None}, label='all tubes'),
    pruned=dict(
        config=base,
        options={'model.roi_head.test_cfg.prune': dict(score_thr=.05, nms=.7)},
        label='`prune=dict(score_thr=.05, nms=.7)`'))
claims = [
    dict(text='step 2 over step 1', more=('full', 2), less=('full', 1)),
    dict(text='step 3 over step 2', more=('full', 3), less=('full', 2)),
    dict(text='pruned over all tubes', more='pruned', less='full'),
]
del base
