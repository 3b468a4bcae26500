# STEP's head on MMAction2's SlowOnly-R50 8x8, from OpenMMLab's Kinetics-400 weights. The branches are new, so there is
# no classification pre-training: the recipe is the longer one, with the backbone at a tenth of the rate.
_base_ = ['step_i3d_ava_14e.py']

# The weights saw every eighth frame of 30 a second; four a second come nearest. Every frame is a feature frame.
num_clips, clip_len, fps, temporal_stride = 3, 4, 4, 1
channels, branch_channels = 2048, 512
kinetics = ('https://download.openmmlab.com/mmaction/v1.0/recognition/slowonly/'
            'slowonly_imagenet-pretrained-r50_8xb16-8x8x1-steplr-150e_kinetics400-rgb/'
            'slowonly_imagenet-pretrained-r50_8xb16-8x8x1-steplr-150e_kinetics400-rgb_20220901-df42dc84.pth')

# The backbones of OpenMMLab have no Mixed_5 to build branches of. Group norm, for a window is a batch of its own.
branch = dict(
    type='Conv3dGlobalBranch',
    in_channels=channels + branch_channels,
    channels=branch_channels,
    kernel_sizes=(1, 3, 3),
    norm_cfg=dict(type='GN', num_groups=32))
model = dict(
    # Its backbone.* fit; its cls_head.* have no counterpart here.
    init_cfg=dict(type='Pretrained', checkpoint=kinetics),
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(
        _delete_=True,
        type='ResNet3dSlowOnly',
        depth=50,
        pretrained=None,
        pretrained2d=False,
        lateral=False,
        num_stages=4,
        conv1_kernel=(1, 7, 7),
        conv1_stride_t=1,
        pool1_stride_t=1,
        spatial_strides=(1, 2, 2, 1),
        norm_cfg=dict(type='BN3d', requires_grad=False),
        norm_eval=True),
    roi_head=dict(
        scene_context=dict(
            _delete_=True, type='RoIPooledSceneContext', in_channels=channels, out_channels=branch_channels),
        bbox_head=dict(
            in_channels=channels,
            context_channels=branch_channels,
            context_to='global_branch',
            global_branch=dict(_delete_=True, **branch),
            init_cfg=None)))

window = dict(
    type='SampleTubeWindow', clip_len=clip_len, num_clips=num_clips, fps=fps, temporal_stride=temporal_stride)
train_pipeline = [dict(window, jitter=1) if t['type'] == 'SampleTubeWindow' else t for t in _base_.train_pipeline]
test_pipeline = [window if t['type'] == 'SampleTubeWindow' else t for t in _base_.test_pipeline]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader

optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(_delete_=True, backbone=dict(lr_mult=0.1))))
