"""Windows to compare and calibrate on."""
import numpy as np
import pytest
import torch
from helpers.exported import small_config
from helpers.square_detector import square_config, write_square_video
from mmaction.registry import DATASETS

from mmstep.apis.deployment import windows_of_dataset, windows_of_videos
from mmstep.apis.deployment.windows import made_up_windows
from mmstep.engine.config_files import config_path, load_config
from mmstep.errors import LaunchError, VideoError


def test_of_videos_evenly_spread(tmp_path):
    videos = [write_square_video(tmp_path / f'{name}.mp4') for name in 'ab']
    windows = windows_of_videos(square_config(), videos, 3)
    assert windows.shape == (6, 3, 36, 64, 128) and windows.dtype == torch.uint8
    left = [int(np.argmax((window[0, 18] > 127).any(dim=0))) for window in windows[:3]]
    # At 1, 2 and 3 of 4 s, in half the size: 15, 25 and 35.
    assert np.allclose(left, [15, 25, 35], atol=2)


def test_with_optical_flow(tmp_path):
    cfg = load_config(config_path('step_tiny_mini-ucf_flow'))
    windows = windows_of_videos(cfg, [write_square_video(tmp_path / 'a.mp4', seconds=2)], 2)
    assert windows.shape == (2, 10, 30, 128, 128) and windows.dtype == torch.float32
    # To the right by a pixel of 256 or none from frame to frame; in half the size, by the scale of 2.
    assert 0.2 < windows[:, ::2].amax() < 0.6 and windows[:, ::2].mean() > 0


def test_of_no_video(tmp_path):
    with pytest.raises(VideoError):
        windows_of_videos(square_config(), [str(tmp_path / 'a.mp4')], 1)


@DATASETS.register_module()
class Numbered(list):
    """Windows that hold their number."""

    def __init__(self, pipeline, test_mode, flow=False):
        assert pipeline == ['of testing'] and test_mode
        window = [torch.full((3, 36, 4, 4), index, dtype=torch.uint8) for index in range(10)]
        super().__init__(dict(inputs=dict(flows=item) if flow else item) for item in window)


def numbered(**kwargs):
    cfg = small_config()
    cfg.train_dataloader = dict(dataset=dict(type='Numbered', pipeline=['of training'], **kwargs))
    cfg.val_dataloader = dict(dataset=dict(type='Numbered', pipeline=['of testing']))
    return cfg


def test_of_training_data_prepared_as_for_testing():
    windows = windows_of_dataset(numbered(), 4)
    assert windows[:, 0, 0, 0, 0].tolist() == [0, 3, 6, 9]
    assert len(windows_of_dataset(numbered(), 100)) == 10


def test_data_that_cannot_be_taken():
    with pytest.raises(LaunchError, match='its windows hold optical flow'):
        windows_of_dataset(numbered(flow=True), 4)
    cfg = small_config()
    cfg.train_dataloader = None
    with pytest.raises(LaunchError, match='give --videos'):
        windows_of_dataset(cfg, 4)


def test_made_up():
    cfg = small_config()
    pictures = made_up_windows(cfg, dict(shape=[0, 3, 12, 64, 64], dtype='uint8'), 2)
    assert pictures.shape == (2, 3, 36, 64, 64) and pictures.float().std() > 20
    assert not torch.equal(pictures[:, :, 0], pictures[:, :, -1])
    flow = made_up_windows(cfg, dict(shape=[0, 10, 36, 64, 64], dtype='float32'), 1)
    assert flow.shape == (1, 10, 36, 64, 64) and flow.min() < 0
