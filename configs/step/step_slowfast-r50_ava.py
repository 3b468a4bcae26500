# STEP's head on MMAction2's SlowFast-R50 8x8, from OpenMMLab's Kinetics-400 weights.
_base_ = ['step_slowonly-r50_ava.py']

# The weights saw every second frame of 30 a second, the slow pathway every eighth: four of 16 are a feature frame.
num_clips, clip_len, fps, temporal_stride = 3, 16, 16, 4
channels = 2048 + 256
kinetics = ('https://download.openmmlab.com/mmaction/v1.0/recognition/slowfast/'
            'slowfast_r50_8xb8-8x8x1-256e_kinetics400-rgb/'
            'slowfast_r50_8xb8-8x8x1-256e_kinetics400-rgb_20220818-1cb6dfc8.pth')

frozen_bn = dict(norm_cfg=dict(type='BN3d', requires_grad=False), norm_eval=True)
model = dict(
    init_cfg=dict(checkpoint=kinetics),
    backbone=dict(
        _delete_=True,
        type='ResNet3dSlowFast',
        pretrained=None,
        resample_rate=temporal_stride,
        speed_ratio=4,
        channel_ratio=8,
        slow_pathway=dict(
            type='resnet3d',
            depth=50,
            pretrained=None,
            lateral=True,
            fusion_kernel=7,
            conv1_kernel=(1, 7, 7),
            conv1_stride_t=1,
            pool1_stride_t=1,
            inflate=(0, 0, 1, 1),
            spatial_strides=(1, 2, 2, 1),
            **frozen_bn),
        fast_pathway=dict(
            type='resnet3d',
            depth=50,
            pretrained=None,
            lateral=False,
            base_channels=8,
            conv1_kernel=(5, 7, 7),
            conv1_stride_t=1,
            pool1_stride_t=1,
            spatial_strides=(1, 2, 2, 1),
            **frozen_bn)),
    neck=dict(type='ConcatPathways'),
    roi_head=dict(
        scene_context=dict(in_channels=channels),
        bbox_head=dict(in_channels=channels, global_branch=dict(in_channels=channels + _base_.branch_channels))))

window = dict(
    type='SampleTubeWindow', clip_len=clip_len, num_clips=num_clips, fps=fps, temporal_stride=temporal_stride)
train_pipeline = [dict(window, jitter=2) if t['type'] == 'SampleTubeWindow' else t for t in _base_.train_pipeline]
test_pipeline = [window if t['type'] == 'SampleTubeWindow' else t for t in _base_.test_pipeline]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
