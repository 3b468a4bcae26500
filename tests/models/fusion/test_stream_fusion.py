"""Fusion of detectors in one run."""
import copy

import numpy as np
import pytest
import torch
from helpers.model_cases import detector_cfg, head_cfg, window
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample

from mmstep.cli.fuse_results import check_samples, fuse_window
from mmstep.errors import LaunchError
from mmstep.evaluation.files import StoredWindows
from mmstep.evaluation.metrics.dump_detections import DumpDetections

NUM_FLOWS, SIZE, FRAMES = 5, 64, 9
CHANNELS = [(0, 3), (3, 13), (0, 13)]
RGB = dict(mean=[120., 115., 100.], std=[60., 60., 60.])
PREPROCESSOR = dict(type='TwoStreamPreprocessor', num_flows=NUM_FLOWS, flow_scale=2., **RGB)


def stream_cfg(channels, **kwargs):
    """A detector as of UCF101-24, narrow: VGG16, one label a tube, a box per class."""
    head = head_cfg(
        in_channels=8,
        multilabel=False,
        reg_class_agnostic=False,
        loss_cls=dict(type='mmdet.CrossEntropyLoss'),
        global_branch=dict(type='Conv3dGlobalBranch', in_channels=8, channels=8, norm_cfg=None, pool_time=True))
    return dict(
        detector_cfg(bbox_head=head, test_cfg=dict(score_thr=.05, keep_steps=True)),
        backbone=dict(type='FrameVGG', in_channels=channels[1] - channels[0], channels=(4, 4, 8, 8, 8)),
        **kwargs)


def fusion_cfg(mode='mean', channels=CHANNELS, **kwargs):
    streams = [dict(channels=item, model=stream_cfg(item)) for item in channels]
    return dict(type='StreamFusion', mode=mode, streams=streams, data_preprocessor=PREPROCESSOR, **kwargs)


def trained(channels, seed):
    """A detector with weights of its own, whose scores differ from tube to tube."""
    torch.manual_seed(seed)
    model = MODELS.build(stream_cfg(channels))
    model.init_weights()
    for head in model.roi_head.bbox_head:
        torch.nn.init.normal_(head.fc_cls.weight, std=.3)
        torch.nn.init.normal_(head.fc_reg.weight, std=.02)
    return model.eval()


@pytest.fixture
def data():
    rng = torch.Generator().manual_seed(0)
    imgs = [torch.randint(256, (3, FRAMES, SIZE, SIZE), generator=rng, dtype=torch.uint8) for _ in range(2)]
    flows = [torch.randn(2, FRAMES + NUM_FLOWS - 1, SIZE, SIZE, generator=rng).half() for _ in range(2)]
    metainfo = [dict(img_key=f'v,{i:06d}', video_id='v', clip_start=i, img_shape=(SIZE, SIZE)) for i in range(2)]
    return dict(inputs=dict(imgs=imgs, flows=flows), data_samples=[ActionDataSample(metainfo=m) for m in metainfo])


def predict(model, preprocessor, data):
    batch = MODELS.build(preprocessor)(copy.deepcopy(data))
    with torch.no_grad():
        return model(**batch, mode='predict')


def dumped(samples):
    metric = DumpDetections(out_file_path='unused.pkl')
    metric.process(None, [sample.to_dict() for sample in samples])
    return StoredWindows(metric.results, 'unused.pkl')


@pytest.mark.parametrize('mode, names', [('mean', 'rgb flow'), ('union', 'rgb flow'), ('mean', 'rgb flow early')])
def test_one_run_equals_fusion_of_dumps(data, mode, names):
    """Each stream alone, with its own preprocessing, dumped and fused by tools/fuse_results.py."""
    preprocessors = [
        dict(type='WindowPreprocessor', **RGB),
        dict(type='TwoStreamPreprocessor', num_flows=NUM_FLOWS, flow_scale=2.), PREPROCESSOR
    ]
    channels = CHANNELS[:len(names.split())]
    models = [trained(item, seed) for seed, item in enumerate(channels)]
    alone = [dict(data, inputs=data['inputs']['imgs']), data, data]
    dumps = [dumped(predict(*case)) for case in zip(models, preprocessors, alone)]

    fusion = MODELS.build(fusion_cfg(mode, channels)).eval()
    for stream, model in zip(fusion.streams, models):
        stream.load_state_dict(model.state_dict())
    together = dumped(predict(fusion, PREPROCESSOR, data))

    assert len(together) == 2
    for whole, *samples in zip(together, *dumps):
        check_samples(samples, names.split(), 'v')
        fused = fuse_window(samples, mode)
        assert set(fused) == set(whole) and 'pred_instances_step3' in whole
        for key in fused:
            if key.startswith('pred_instances'):
                assert len(fused[key]['scores']) > 1
                for name in ('bboxes', 'scores', 'tubes'):
                    np.testing.assert_allclose(fused[key][name], whole[key][name], rtol=1e-4, atol=1e-4)
            else:
                assert fused[key] == whole[key]


def test_features_of_clips_one_by_one_are_those_of_the_window(data):
    cfg = fusion_cfg(channels=CHANNELS[:2])
    assert MODELS.build(cfg).clip_features == 'joint'
    for stream in cfg['streams']:
        stream['model']['clip_features'] = 'independent'
    fusion = MODELS.build(cfg).eval()
    batch = fusion.data_preprocessor(copy.deepcopy(data))
    with torch.no_grad():
        whole = fusion(**batch, mode='predict')[0].pred_instances
        clips = [fusion.extract_clip_feat(clip) for clip in batch['inputs'].chunk(3, dim=2)]
        feats = [torch.cat(parts, dim=2) for parts in zip(*clips)]
        found = fusion.predict_from_feat(feats, (SIZE, SIZE), copy.deepcopy(data)['data_samples'])[0].pred_instances
    assert fusion.clip_features == 'independent' and len(whole) > 1
    torch.testing.assert_close(found.scores, whole.scores)
    torch.testing.assert_close(found.tubes, whole.tubes)


def test_streams_load_their_checkpoints(tmp_path):
    cfg = fusion_cfg(channels=CHANNELS[:2])
    models = [trained(item, seed) for seed, item in enumerate(CHANNELS[:2])]
    for number, (stream, model) in enumerate(zip(cfg['streams'], models)):
        path = str(tmp_path / f'{number}.pth')
        torch.save(dict(state_dict=model.state_dict(), meta={}), path)
        stream['model']['init_cfg'] = dict(type='Pretrained', checkpoint=path)
        # What a part names as its own initial weights is not looked for.
        stream['model']['backbone']['init_cfg'] = dict(type='Pretrained', checkpoint='no_such_file.pth')
    fusion = MODELS.build(cfg)
    fusion.init_weights()
    for stream, model in zip(fusion.streams, models):
        state = model.state_dict()
        assert all(torch.equal(value, state[name]) for name, value in stream.state_dict().items())


def test_a_checkpoint_of_another_stream_is_refused(tmp_path):
    path = str(tmp_path / 'rgb.pth')
    torch.save(dict(state_dict=trained(CHANNELS[0], 0).state_dict()), path)
    cfg = fusion_cfg(channels=CHANNELS[1:])
    for stream in cfg['streams']:
        stream['model']['init_cfg'] = dict(type='Pretrained', checkpoint=path)
    with pytest.raises(LaunchError, match=r'rgb.pth is not one of the model in streams.0(.|\n)*features.0.weight'):
        MODELS.build(cfg).init_weights()


def test_a_missing_checkpoint_names_the_config_to_train():
    cfg = fusion_cfg()
    cfg['streams'][1]['model']['init_cfg'] = dict(type='Pretrained', checkpoint='work_dirs/step_flow/epoch_9.pth')
    with pytest.raises(LaunchError, match='streams.1 of StreamFusion: .*epoch_9.pth does not exist.*step_flow.py'):
        MODELS.build(cfg).init_weights()


def test_raw_output_and_no_training(data):
    fusion = MODELS.build(fusion_cfg()).eval()
    batch = fusion.data_preprocessor(copy.deepcopy(data))
    assert batch['inputs'].shape == (2, 13, FRAMES, SIZE, SIZE)
    with torch.no_grad():
        streams = fusion(**batch, mode='tensor')
    assert [[step.tubes.shape[1] for step in steps] for steps in streams] == [[3, 3, 9]] * 3
    with pytest.raises(RuntimeError, match='train each stream with its own config'):
        fusion(batch['inputs'], [window()], mode='loss')


@pytest.mark.parametrize('change, message', [(dict(mode='max'), 'choose mean or union'),
                                             (dict(channels=CHANNELS[:1]), 'at least two streams')])
def test_wrong_settings_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        MODELS.build(fusion_cfg(**change))


@pytest.mark.parametrize('number', range(2))
def test_a_stream_that_is_not_finite_ends_the_prediction(data, number):
    model = MODELS.build(fusion_cfg(channels=CHANNELS[:2])).eval()
    model.streams[number].roi_head.bbox_head[2].fc_cls.bias.data[0] = torch.inf
    with torch.no_grad(), pytest.raises(LaunchError, match='not finite'):
        model.test_step(data)


def test_weights_of_a_stream_that_are_not_finite(tmp_path):
    streams = [dict(channels=item, model=stream_cfg(item)) for item in CHANNELS[:2]]
    for number, stream in enumerate(streams):
        weights = MODELS.build(stream['model']).state_dict()
        if number:
            next(iter(weights.values())).fill_(torch.nan)
        torch.save(dict(state_dict=weights), tmp_path / f'{number}.pth')
        stream['model']['init_cfg'] = dict(type='Pretrained', checkpoint=str(tmp_path / f'{number}.pth'))
    model = MODELS.build(dict(type='StreamFusion', streams=streams, data_preprocessor=PREPROCESSOR))
    with pytest.raises(LaunchError, match=r'1\.pth holds weights that are not finite'):
        model.init_weights()
