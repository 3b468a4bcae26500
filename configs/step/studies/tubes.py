# Figure 6(b): more initial tubes, without temporal extension.
title = 'Number of initial tubes'
paper = 'Figure 6(b) (a plot)'
figure = 'overall'
extra = ('recall@0.5_top3', )
note = 'Frame-mAP@0.5 of the mini data set in %. No temporal extension, as in the paper.'
base = 'step_tiny_mini-ava_no-extension.py'
prior = 'model.roi_head.prior_generator.'
variants = {
    '11': dict(config=base),
    '27': dict(config=base, options={prior + 'overlaps': (0, 0, 3 / 4)}),
    '51': dict(config=base, options={prior + 'overlaps': (0, 0, 5 / 6)}),
    '100': dict(config=base, options={
        prior + 'scales': (1, 4 / 3, 2, 3),
        prior + 'overlaps': (0, 5 / 6, 7 / 8, 0)
    }),
}
claims = [
    dict(text='27 over 11 tubes', more='27', less='11', published='"substantial gains"'),
    dict(text='51 over 11 tubes', more='51', less='11', published='"substantial gains"'),
    dict(text='100 over 11 tubes', more='100', less='11', published='"substantial gains"'),
]
del base, prior
