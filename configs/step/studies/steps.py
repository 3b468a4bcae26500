# Table 1(a): models of one to four steps, without temporal extension.
title = 'Number of steps'
paper = 'Table 1(a)'
figure = 'overall'
note = 'Frame-mAP@0.5 of the mini data set in %. No temporal extension, as in the paper; published: UCF101-24, RGB.'
base = 'step_tiny_mini-ava_no-extension.py'
variants = dict(
    s1=dict(
        config=base,
        options={
            'model.roi_head.num_steps': 1,
            'model.roi_head.train_cfg.assigner': [dict(type='TubeAssigner', pos_iou_thr=0.2)],
            'test_evaluator.num_steps': 1
        },
        published={1: 51.5},
        label='S = 1'),
    s2=dict(
        config=base,
        options={
            'model.roi_head.num_steps': 2,
            'model.roi_head.train_cfg.assigner': [
                dict(type='TubeAssigner', pos_iou_thr=0.2),
                dict(type='TubeAssigner', pos_iou_thr=0.35)
            ],
            'test_evaluator.num_steps': 2
        },
        published={
            1: 56.6,
            2: 60.7
        },
        label='S = 2'),
    s3=dict(config=base, published={
        1: 57.1,
        2: 61.8,
        3: 62.6
    }, label='S = 3'),
    s4=dict(
        config=base,
        options={
            'model.roi_head.num_steps': 4,
            'model.roi_head.train_cfg.assigner': [
                dict(type='TubeAssigner', pos_iou_thr=0.2),
                dict(type='TubeAssigner', pos_iou_thr=0.3),
                dict(type='TubeAssigner', pos_iou_thr=0.4),
                dict(type='TubeAssigner', pos_iou_thr=0.5)
            ],
            'test_evaluator.num_steps': 4
        },
        published={
            1: 58.2,
            2: 62.1,
            3: 62.8,
            4: 62.7
        },
        label='S = 4'))
claims = [
    dict(text='S = 3: step 2 over step 1', more=('s3', 2), less=('s3', 1), published='+4.7'),
    dict(text='S = 3: step 3 over step 2', more=('s3', 3), less=('s3', 2), published='+0.8'),
    dict(text='last step of S = 2 over S = 1', more='s2', less='s1', published='+9.2'),
    dict(text='last step of S = 3 over S = 2', more='s3', less='s2', published='+1.9'),
    dict(text='last step of S = 4 over S = 3', more='s4', less='s3', published='+0.1'),
    dict(text='step 1 of S = 3 over S = 1', more=('s3', 1), less=('s1', 1), published='+5.6'),
]
del base
