"""A page with a detector of squares."""
import threading

import pytest
import torch
from helpers.square_detector import SquareDetector, square_config

from mmstep.cli.demo import web_demo
from mmstep.cli.demo.page import VideoPage


@pytest.fixture
def page(tmp_path):
    square_config().dump(str(tmp_path / 'square.py'))
    torch.save(dict(state_dict=SquareDetector().state_dict(), meta={}), tmp_path / 'square.pth')
    (tmp_path / 'visits').mkdir()
    models = web_demo.load_models([str(tmp_path / 'square.py'), str(tmp_path / 'square.pth')], 'cpu')
    return VideoPage(models, str(tmp_path / 'visits'), 0.1, threading.Event())
