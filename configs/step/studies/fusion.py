# Table 1(b): RGB, flow and their fusions.
title = 'RGB, optical flow and fusion'
paper = 'Table 1(b)'
figure = 'frame-mAP@0.5'
note = ('Frame-mAP@0.5 of the mini data set as tubes, in %; published: UCF101-24. First `python '
        'tools/data/extract_flow.py data/mini/videos data/mini/flow --method dis --range 10`.')
variants = dict(
    rgb=dict(config='step_tiny_mini-ucf.py', published={3: 66.7}, label='RGB'),
    flow=dict(config='step_tiny_mini-ucf_flow.py', published={3: 63.5}, label='flow'),
    early=dict(config='step_tiny_mini-ucf_early.py', published={3: 74.3}, label='early'),
    late=dict(config='step_tiny_mini-ucf_late.py', trained_as=('rgb', 'flow'), published={3: 70.7}, label='late'),
    hybrid=dict(
        config='step_tiny_mini-ucf_hybrid.py',
        trained_as=('rgb', 'flow', 'early'),
        published={3: 75.0},
        label='hybrid'))
claims = [
    dict(text='late over RGB', more='late', less='rgb', published='+4.0'),
    dict(text='late over flow', more='late', less='flow', published='+7.2'),
    dict(text='early over RGB', more='early', less='rgb', published='+7.6'),
    dict(text='early over flow', more='early', less='flow', published='+10.8'),
    dict(text='early over late', more='early', less='late', published='+3.6'),
    dict(text='hybrid over RGB', more='hybrid', less='rgb', published='+8.3'),
    dict(text='hybrid over flow', more='hybrid', less='flow', published='+11.5'),
    dict(text='hybrid over early', more='hybrid', less='early', published='+0.7'),
]
