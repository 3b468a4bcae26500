"""Optical flow on videos and streams, compared with the data set's."""
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from helpers.mini_forms import FPS as FPS_OF_MINI
from helpers.mini_forms import make_mini
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.structures import InstanceData

from mmstep.apis import (ArraySource, STEPInferencer, StreamingDetector, VideoError, VideoSource, detect_video,
                         init_detector)
from mmstep.apis.drawing.step_view import trace_steps
from mmstep.cli.test import main as score
from mmstep.datasets.flow_files import FlowInfo, write_info, write_pair
from mmstep.datasets.optical_flow import build_flow
from mmstep.evaluation.files import read_dump
from mmstep.video import VideoWriter

ROOT = Path(__file__).parents[3]
CONFIGS = ROOT / 'configs' / 'step'
FPS, SIZE, COUNT = 10, (96, 72), 14


def config(name):
    """A config; streams of a fusion look for no checkpoint and have independent clips."""
    cfg = Config.fromfile(str(CONFIGS / f'step_tiny_mini-ucf_{name}.py'))
    for stream in cfg.model.get('streams') or ():
        stream.model.init_cfg = None
        stream.model.clip_features = 'independent'
    return cfg


def pictures(count=COUNT):
    """A texture that turns and drifts."""
    rng = np.random.default_rng(0)
    texture = cv2.GaussianBlur(rng.integers(0, 256, (SIZE[1] + 60, SIZE[0] + 60, 3), dtype=np.uint8), (0, 0), 3)
    texture = cv2.normalize(texture, None, 0, 255, cv2.NORM_MINMAX)
    frames = []
    for number in range(count):
        turn = cv2.getRotationMatrix2D((SIZE[0] / 2 + 30, SIZE[1] / 2 + 30), number, 1)
        turn[:, 2] += (1.5 * number - 30, -0.5 * number - 30)
        frames.append(cv2.warpAffine(texture, turn, SIZE))
    return np.stack(frames)


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    path = str(tmp_path_factory.mktemp('two_streams') / 'a.mp4')
    with VideoWriter(path, FPS, SIZE) as writer:
        for frame in pictures():
            writer.write(frame)
    return path


def extract(video, folder, method, limit, quality=95):
    """What tools/data/extract_flow.py does with one video."""
    source, estimate = VideoSource(video), build_flow(method)
    grey = [cv2.cvtColor(source.frames_at([time])[0], cv2.COLOR_RGB2GRAY) for time in source.times]
    maps = [estimate(*pair) for pair in zip(grey, grey[1:])]
    folder.mkdir()
    for number, flow in enumerate([*maps, maps[-1]], 1):
        write_pair(str(folder), number, flow, limit, quality)
    write_info(str(folder), FlowInfo(limit, method, len(grey), *SIZE, quality))
    return str(folder)


def data_set_window(cfg, video, flow_dir, key):
    """The window of a key frame, from 0, as it comes out of the config's own test pipeline."""
    window = next(t for t in cfg.test_pipeline if t['type'] == 'SampleClipWindow')
    first = key - window['clip_len'] * window['num_clips'] // 2
    return Compose(cfg.test_pipeline)(dict(
        filename=video,
        flow_dir=flow_dir,
        video_id='a',
        clip_start=first + window['num_clips'] // 2 * window['clip_len'] + 1,
        num_frames_total=COUNT,
        resolution=SIZE[::-1],
        tube_rows=[np.array([[1., 8, 8, 40, 40]])],
        gt_labels=np.zeros(1, np.int64),
        entity_ids=np.zeros(1, np.int64)))['inputs']


def windows_of(cfg, run):
    """What reaches a model's ``test_step``, which finds nobody."""
    seen = []

    def test_step(data):
        inputs = data['inputs']
        seen.extend(dict(zip(inputs, values)) for values in zip(*inputs.values()))
        for sample in data['data_samples']:
            sample.pred_instances = InstanceData(
                bboxes=torch.zeros(0, 4), scores=torch.zeros(0, 10), tubes=torch.zeros(0, 10, 4))
        return data['data_samples']

    run(SimpleNamespace(test_step=test_step, cfg=cfg))
    return seen


def push_all(detector, frames, times):
    found = []
    for frame, time in zip(frames, times):
        found += detector.push(frame, float(time))
    return found + detector.finish()


@pytest.mark.parametrize('name,method', [('early', 'dis'), ('flow', 'pyramid')])
def test_windows_are_those_of_the_data_set_to_the_last_bit(video, tmp_path, name, method):
    cfg = config(name)
    cfg.optical_flow.method = method
    flow_dir = extract(video, tmp_path / 'flow', method, cfg.optical_flow.range)
    source = VideoSource(video)
    frames = [source.frames_at([time])[0].copy() for time in source.times]

    def stream(model):
        push_all(StreamingDetector(model, stride=0.5, model_fps=FPS), frames, source.times)

    def file(model):
        list(detect_video(model, cfg, VideoSource(video), 0.5, batch_size=2))

    for run in (stream, file):
        seen = windows_of(cfg, run)
        assert len(seen) == 3
        for number, window in enumerate(seen):
            expected = data_set_window(cfg, video, flow_dir, 5 * number)
            assert set(window) == set(expected) and window['flows'].float().abs().max() > 1
            for key in expected:
                assert window[key].dtype == expected[key].dtype and torch.equal(window[key], expected[key]), key


def detector(name):
    torch.manual_seed(0)
    return init_detector(config(name), device='cpu')


@pytest.mark.parametrize('name', ['flow', 'early', 'late'])
def test_stream_equals_file_with_and_without_features_that_are_kept(name):
    cfg = config(name)
    if 'streams' not in cfg.model:
        cfg.model.clip_features = 'independent'
    torch.manual_seed(0)
    model = init_detector(cfg, device='cpu')
    frames, times, counts = pictures(), np.arange(COUNT) / FPS, []
    extract_clips = model.extract_clip_feat
    model.extract_clip_feat = lambda clips: counts.append(len(clips)) or extract_clips(clips)
    streamed = StreamingDetector(model, score_thr=0.0, model_fps=FPS)
    results = [push_all(streamed, frames, times)]
    assert streamed.reuses_features and sum(counts) == 5 + 1 + 1  # three key times, one clip further each
    results.append(
        push_all(StreamingDetector(model, score_thr=0.0, model_fps=FPS, reuse_features=False), frames, times))
    results.append(list(detect_video(model, cfg, ArraySource(frames, FPS), score_thr=0.0, batch_size=2)))
    assert len(results[0]) == 3
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            assert one.time == pytest.approx(two.time) and len(one.persons) == len(two.persons) > 0
            for a, b in zip(one.persons, two.persons):
                np.testing.assert_allclose(a.tube, b.tube, atol=1e-3)
                np.testing.assert_allclose([s for _, s in a.actions], [s for _, s in b.actions], atol=1e-5)


def test_hybrid_fusion_of_joint_features_on_a_video(video):
    cfg = config('hybrid')
    cfg.model.streams[2].model.clip_features = 'joint'
    torch.manual_seed(0)
    model = init_detector(cfg, device='cpu')
    assert model.clip_features == 'joint'
    first = next(detect_video(model, cfg, VideoSource(video), score_thr=0.0))
    assert first.persons and len(first.steps) == 3


def test_steps_of_a_two_stream_detector(video):
    model = detector('early')
    source = VideoSource(video)
    key_frames = list(detect_video(model, model.cfg, source, score_thr=0.0))
    layout = StreamingDetector(model, model_fps=FPS).layout
    for number, person in enumerate(key_frames[1].persons):
        person.person_id = number
    traced = trace_steps(model, layout, source, key_frames[1])
    assert len(traced) == 4
    for person, last in zip(key_frames[1].persons, traced[-1], strict=True):
        np.testing.assert_allclose(last.tube, person.tube, atol=1e-2)


@pytest.fixture(scope='module')
def mini(tmp_path_factory):
    """A tiny mini data set with the flow that the tool extracts."""
    folder = tmp_path_factory.mktemp('mini')
    make_mini(folder)
    command = [sys.executable, str(ROOT / 'tools/data/extract_flow.py'), str(folder / 'videos'), str(folder / 'flow')]
    subprocess.run([*command, '--method', 'dis', '--range', '10', '--workers', '1'], check=True, capture_output=True)
    return folder


def trained(path, cfg, seed):
    """Writes a checkpoint of random weights whose scores differ from tube to tube."""
    torch.manual_seed(seed)
    model = MODELS.build({**cfg, 'init_cfg': None})
    for head in model.roi_head.bbox_head:
        torch.nn.init.normal_(head.fc_cls.weight, std=.3)
    torch.save(dict(state_dict=model.state_dict(), meta={}), path)
    return str(path)


@pytest.mark.slow
@pytest.mark.parametrize('name', ['early', 'late'])
def test_scores_are_those_of_extracted_flow_and_the_test_tool(mini, tmp_path, name):
    """The whole way, as a user goes it: 1e-3 in score and in pixels of the network input."""
    cfg = Config.fromfile(str(CONFIGS / f'step_tiny_mini-ucf_{name}.py'))
    checkpoint = []
    if name == 'early':
        checkpoint = [trained(tmp_path / 'early.pth', cfg.model, 0)]
    for number, stream in enumerate(cfg.model.get('streams') or ()):
        stream.model.init_cfg.checkpoint = trained(tmp_path / f'{number}.pth', stream.model, number)
    ann_file = str(mini / 'annotations/mini_tubes.pkl')
    cfg.merge_from_dict({
        'test_dataloader.num_workers': 0,
        'test_dataloader.persistent_workers': False,
        'test_dataloader.dataset.ann_file': ann_file,
        'test_dataloader.dataset.data_prefix': dict(img=str(mini / 'videos'), flow=str(mini / 'flow')),
        'test_evaluator.ann_file': ann_file,
        'work_dir': str(tmp_path)
    })
    path, dump = str(tmp_path / 'config.py'), tmp_path / 'out.pkl'
    cfg.dump(path)
    score([path, *checkpoint, '--dump', str(dump)])

    inferencer = STEPInferencer(path, *checkpoint, device='cpu', show_progress=False)
    found, detect = [], inferencer.model.test_step

    def test_step(data):
        samples = detect(data)
        found.extend(sample.pred_instances for sample in samples)
        return samples

    inferencer.model.test_step = test_step
    windows = [window for window in read_dump(str(dump)) if window['video_id'] == 'val_0000']
    inferencer(str(next((mini / 'videos').glob('val_0000.*'))), stride=3 / FPS_OF_MINI)
    assert len(windows) > 10
    for window in windows:
        # The key frame, counted from 0, is the third one after the first frame of the clip, counted from 1.
        expected, instances = window['pred_instances'], found[(window['clip_start'] + 2) // 3]
        assert len(expected['scores']) == len(instances.scores) > 1
        np.testing.assert_allclose(instances.scores, expected['scores'], atol=1e-3)
        np.testing.assert_allclose(instances.bboxes, expected['bboxes'], atol=1e-3 / 128)


def test_latency_holds_the_stack():
    streamed = StreamingDetector(SimpleNamespace(cfg=config('early')), model_fps=FPS)
    # 14 frames after the key frame, four more maps, and the frame to which the last one leads.
    assert streamed.latency == pytest.approx(19 / FPS)


def test_one_frame_is_too_few():
    cfg = config('flow')
    with pytest.raises(VideoError, match='array: there is one frame, .*two at least'):
        list(detect_video(SimpleNamespace(), cfg, ArraySource(pictures(1), FPS)))
    streamed = StreamingDetector(SimpleNamespace(), cfg, model_fps=FPS)
    streamed.push(pictures(1)[0], 0.0)
    with pytest.raises(VideoError, match='one frame'):
        streamed.finish()


def test_two_frames_are_enough():
    seen = windows_of(
        config('flow'), lambda model: list(detect_video(model, model.cfg, ArraySource(pictures(2), FPS))))
    assert len(seen) == 1 and seen[0]['flows'].shape == (2, 34, 128, 128)
    assert (seen[0]['flows'] == seen[0]['flows'][:, :1]).all()
