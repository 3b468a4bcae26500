# Clips of UCF101-24 and J-HMDB with optical flow, five maps a frame: on its own, and with RGB in one input (early
# fusion).
# As tools/data/extract_flow.py makes the files without options; on a video or a stream flow is made likewise.
optical_flow = dict(method='pyramid', range=20.)
flow_scale = (400, 400)
flow_window = dict(type='SampleClipWindow', clip_len=6, num_clips=5, num_flows=5)
flow_train_pipeline = [
    flow_window,
    dict(type='FlowFramesDecode'),
    dict(type='TubeRandomCrop'),
    dict(type='TubeResize', scale=flow_scale, keep_ratio=False),
    dict(type='TubeFlip', flip_ratio=0.5),
    dict(type='PackTubeInputs')
]
flow_test_pipeline = [
    flow_window,
    dict(type='FlowFramesDecode'),
    dict(type='TubeResize', scale=flow_scale, keep_ratio=False),
    dict(type='PackTubeInputs')
]
early_train_pipeline = [
    dict(type='WindowInit'), flow_window,
    dict(type='WindowDecode'),
    dict(type='FlowFramesDecode'),
    dict(type='TubeRandomCrop'),
    dict(type='TubeResize', scale=flow_scale, keep_ratio=False),
    dict(type='TubeFlip', flip_ratio=0.5),
    dict(type='TubePhotoMetricDistortion'),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
early_test_pipeline = [
    dict(type='WindowInit'), flow_window,
    dict(type='WindowDecode'),
    dict(type='FlowFramesDecode'),
    dict(type='TubeResize', scale=flow_scale, keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW', collapse=True),
    dict(type='PackTubeInputs')
]
