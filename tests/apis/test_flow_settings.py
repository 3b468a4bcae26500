"""What a config says about optical flow."""
import cv2
import pytest
from helpers.square_detector import square_config
from mmengine.config import Config

from mmstep.apis import flow_settings as module
from mmstep.apis.flow_settings import FlowSettings, choose_flow_method, flow_settings
from mmstep.errors import LaunchError

WINDOW = dict(type='mmstep.SampleClipWindow', clip_len=6, num_clips=3, num_flows=5)


def config(*names, **keys):
    return Config(dict(test_pipeline=[dict(type=name) if isinstance(name, str) else name for name in names], **keys))


def flow_config(**own):
    return config(WINDOW, 'FlowFramesDecode', 'TubeResize', 'PackTubeInputs', **({'optical_flow': own} if own else {}))


def test_from_the_pipeline_and_the_config():
    assert flow_settings(square_config()) is None
    assert flow_settings(flow_config()) == FlowSettings(5, False, 'dis', 20., 95)
    early = config('WindowInit', WINDOW, 'WindowDecode', 'FlowFramesDecode', optical_flow=dict(method='tvl1', range=8))
    assert flow_settings(early) == FlowSettings(5, True, 'tvl1', 8, 95)


@pytest.mark.parametrize('cfg,said', [
    (config(WINDOW, 'LoadFlow'), 'this one has LoadFlow'),
    (config(WINDOW, 'WindowDecode'), 'this one has num_flows'),
    (config('SampleTubeWindow', 'FlowFramesDecode'), 'this one has FlowFramesDecode'),
    (flow_config(scale=2), 'optical_flow has no scale; it takes method, range and quality'),
    (flow_config(method='farneback'), "'farneback' is unknown; choose one of pyramid, deepflow, dis, tvl1, brox"),
    (flow_config(range=0), 'range over 0 and a quality from 1 to 100, got 0 and 95'),
    (flow_config(quality=101), 'got 20.0 and 101'),
])
def test_what_is_wrong_is_named(cfg, said):
    with pytest.raises(LaunchError, match=said):
        flow_settings(cfg)


def test_the_users_choice_goes_before_the_configs(monkeypatch):
    said = []
    monkeypatch.setattr(module, 'print_log', lambda message, **_: said.append(message))
    cfg = flow_config(method='pyramid', range=8)
    choose_flow_method(cfg)
    assert flow_settings(cfg).method == 'pyramid'
    choose_flow_method(cfg, 'dis')
    assert flow_settings(cfg) == FlowSettings(5, False, 'dis', 8, 95) and not said
    choose_flow_method(flow_config())
    assert len(said) == 1 and 'dis is taken' in said[0] and '--flow-method' in said[0]


def test_methods_that_are_not_here(monkeypatch):
    with pytest.raises(LaunchError, match="sees no optical flow: leave flow method 'dis' out"):
        choose_flow_method(square_config(), 'dis')
    with pytest.raises(LaunchError, match="'brox' needs an OpenCV built with CUDA"):
        monkeypatch.setattr(cv2.cuda, 'getCudaEnabledDeviceCount', lambda: 0)
        choose_flow_method(flow_config(), 'brox')
    monkeypatch.delattr(cv2, 'optflow')
    with pytest.raises(LaunchError, match="'tvl1' needs the package opencv-contrib-python-headless"):
        choose_flow_method(flow_config(method='tvl1'))
    choose_flow_method(flow_config(method='dis'))
