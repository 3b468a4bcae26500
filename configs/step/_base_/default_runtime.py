# What all experiments share: registration, hooks, logging.
custom_imports = dict(imports=['mmstep'], allow_failed_imports=False)
default_scope = 'mmaction'

default_hooks = dict(
    runtime_info=dict(type='RuntimeInfoHook'),
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=20, ignore_last=False),
    param_scheduler=dict(type='ParamSchedulerHook'),
    # Written aside and renamed, so that a run killed while it writes loses nothing; inside the epochs as well, so that
    # jobs with a time limit advance.
    checkpoint=dict(type='SafeCheckpointHook', interval=1, iter_interval=1000, max_keep_ckpts=2),
    # A resumed training goes on at the next window, with the random numbers of an unbroken one.
    fast_resume=dict(type='FastResumeHook'),
    finite_loss=dict(type='FiniteLossHook'),
    # Effective batch, rates, iterations.
    summary=dict(type='TrainingSummaryHook'),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    # Batch-norm statistics of one rank for all before validation.
    sync_buffers=dict(type='SyncBuffersHook'))

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    # Seconds. One process scores AVA's validation while the others wait; NCCL's own 10 minutes end the run then.
    dist_cfg=dict(backend='nccl', timeout=4 * 3600))

log_processor = dict(type='LogProcessor', window_size=20, by_epoch=True)
vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='ActionVisualizer', vis_backends=vis_backends)

randomness = dict(seed=0)
log_level = 'INFO'
load_from = None
resume = False
