"""Scores and boxes that are not finite are said, and end the work, wherever a model is used."""
import sys
import threading
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from helpers.square_detector import write_square_video
from mmaction.registry import MODELS
from mmengine.config import Config

from mmstep.apis import STEPInferencer, StreamingDetector
from mmstep.apis.archive.archive_run import ArchiveRun
from mmstep.apis.archive.resumable_inference import infer_file
from mmstep.cli.demo import webcam_demo
from mmstep.cli.demo.page.visit import VideoPage
from mmstep.errors import LaunchError

CONFIG = str(Path(__file__).parents[2] / 'configs/step/step_tiny_mini-ava.py')
SAID = 'not finite .*half precision|not finite .*fp16 ends at 65504'


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    """Finite weights whose logits are larger than what half precision has."""
    torch.manual_seed(0)
    model = MODELS.build(Config.fromfile(CONFIG).model)
    for head in model.roi_head.bbox_head:
        torch.nn.init.constant_(head.fc_cls.bias, 7e4)
    path = tmp_path_factory.mktemp('weights') / 'large.pth'
    torch.save(dict(state_dict=model.state_dict(), meta={}), path)
    return str(path)


@pytest.fixture
def video(tmp_path):
    return write_square_video(tmp_path / 'a.mp4', seconds=0.2)


@pytest.fixture
def inferencer(weights):
    """Its model runs in half precision."""
    inferencer = STEPInferencer(CONFIG, weights, 'cpu', show_progress=False)
    step = inferencer.model.test_step
    features = inferencer.model.predict_from_feat

    def half(function):

        def run(*args):
            with torch.autocast('cpu', torch.float16):
                return function(*args)

        return run

    inferencer.model.test_step, inferencer.model.predict_from_feat = half(step), half(features)
    return inferencer


def test_full_precision_takes_these_weights(weights, video):
    result, = STEPInferencer(CONFIG, weights, 'cpu', show_progress=False)(video)['predictions']
    assert result['complete'] and result['detections'][0]['persons'][0]['actions'][0]['score'] == 1


def test_videos_alone_and_in_a_list(inferencer, video, tmp_path):
    for inputs in (video, [video, video]):
        with pytest.raises(LaunchError, match=SAID):
            inferencer(inputs, out_dir=str(tmp_path / 'out'))
    assert not list(tmp_path.glob('out/*'))


def test_archive(inferencer, video, tmp_path):
    with pytest.raises(LaunchError, match=SAID):
        infer_file(inferencer, ArchiveRun(str(tmp_path / 'out'), {}), str(tmp_path), 'a.mp4')
    assert not (tmp_path / 'out' / 'detections').exists()


def test_stream(inferencer):
    detector = StreamingDetector(inferencer.model)
    with pytest.raises(LaunchError, match=SAID):
        for index in range(60):
            detector.push(np.zeros((48, 64, 3), np.uint8), index / 12)


def test_live(inferencer, video, monkeypatch):
    monkeypatch.setattr(webcam_demo, 'init_detector', lambda *_: inferencer.model)
    monkeypatch.setattr(sys, 'argv', ['webcam_demo.py', CONFIG, 'x.pth', '--input', video, '--no-display'])
    with pytest.raises(LaunchError, match=SAID):
        webcam_demo.main()


def test_web_page(inferencer, video, tmp_path):
    page = VideoPage(dict(tiny=inferencer), str(tmp_path), 1, threading.Event())
    with pytest.raises(gr.Error) as error:
        page.detect(video, 'tiny', lambda *_, **__: None, threading.Event())
    assert 'not finite' in error.value.message and str(tmp_path) not in error.value.message
