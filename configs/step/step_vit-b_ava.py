# STEP's head on MMAction2's VideoMAE ViT-B/16, from OpenMMLab's Kinetics-400 weights.
_base_ = ['step_slowonly-r50_ava.py']

# A clip is what the weights know as a video: 16 frames, about 8 a second, two to a token. Clips are independent, so
# that the positions of the tokens are theirs too; 224 px would be as well, and larger inputs get them interpolated.
num_clips, clip_len, fps, temporal_stride = 3, 16, 8, 2
scale = (256, 256)
channels, depth = 768, 12
kinetics = ('https://download.openmmlab.com/mmaction/v1.0/recognition/videomae/'
            'vit-base-p16_videomae-k400-pre_16x4x1_kinetics-400_20221013-860a3cd3.pth')

model = dict(
    clip_features='independent',
    # All of its backbone.* fit but fc_norm, the norm of the pooled token; ours, backbone.norm, is new.
    init_cfg=dict(checkpoint=kinetics),
    backbone=dict(
        _delete_=True,
        type='VisionTransformer',
        img_size=224,
        patch_size=16,
        embed_dims=channels,
        depth=depth,
        num_heads=12,
        mlp_ratio=4,
        qkv_bias=True,
        num_frames=clip_len,
        tubelet_size=temporal_stride,
        norm_cfg=dict(type='LN', eps=1e-6),
        drop_path_rate=0.2,
        use_mean_pooling=False,
        return_feat_map=True),
    roi_head=dict(
        scene_context=dict(in_channels=channels),
        bbox_head=dict(in_channels=channels, global_branch=dict(in_channels=channels + _base_.branch_channels))))

window = dict(
    type='SampleTubeWindow', clip_len=clip_len, num_clips=num_clips, fps=fps, temporal_stride=temporal_stride)
resize = dict(type='Resize', scale=scale, keep_ratio=False)
changed = dict(SampleTubeWindow=window, Resize=resize)
test_pipeline = [changed.get(t['type'], t) for t in _base_.test_pipeline]
changed = dict(SampleTubeWindow=dict(window, jitter=1), Resize=resize)
train_pipeline = [changed.get(t['type'], t) for t in _base_.train_pipeline]
# A clip of two seconds: actors are followed over six.
train_dataloader = dict(dataset=dict(clip_duration=clip_len / fps, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(clip_duration=clip_len / fps, pipeline=test_pipeline))
test_dataloader = val_dataloader

# As MMAction2 fine-tunes it on AVA: smaller rates for earlier layers.
optim_wrapper = dict(
    optimizer=dict(_delete_=True, type='AdamW', lr=1.25e-4, weight_decay=0.05),
    constructor='LearningRateDecayOptimizerConstructor',
    paramwise_cfg=dict(_delete_=True, decay_rate=0.75, decay_type='layer_wise', num_layers=depth))
