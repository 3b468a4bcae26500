"""The config's test pipeline, frame by frame."""
import numpy as np
import pytest
from helpers.square_detector import square_config
from mmengine.dataset import Compose

from mmstep.apis.detection.frame_preparation import FramePreparation


@pytest.fixture
def pictures():
    return list(np.random.default_rng(0).integers(0, 256, (3, 30, 40, 3), dtype=np.uint8))


def test_frames_one_by_one_are_those_of_the_whole_pipeline(pictures):
    cfg = square_config(scale=(20, 10))
    preparation = FramePreparation(cfg)
    packed = preparation.pack([preparation.prepare(picture) for picture in pictures])
    assert packed.shape == (3, 3, 10, 20)
    shape = pictures[0].shape[:2]
    results = dict(imgs=pictures, img_shape=shape, original_shape=shape, modality='RGB', num_clips=1, clip_len=3)
    assert (Compose(cfg.test_pipeline[3:])(results)['inputs'] == packed).all()
    assert preparation.sample((10, 20)).img_shape == (10, 20) and preparation.flow is None


def test_colours_and_order_of_frames_stay():
    preparation = FramePreparation(square_config())
    red, blue = (np.full((64, 128, 3), colour, np.uint8) for colour in ((200, 0, 0), (0, 0, 100)))
    packed = preparation.pack([preparation.prepare(red), preparation.prepare(blue)])
    assert packed[:, :, 0, 0].tolist() == [[200, 0], [0, 0], [0, 100]]


def test_pictures_are_not_written_to_and_not_kept(pictures):
    cfg = square_config()
    cfg.test_pipeline.pop(3)  # Resize: nothing is left to do to a frame
    preparation = FramePreparation(cfg)
    before = pictures[0].copy()
    prepared = preparation.prepare(pictures[0])
    pictures[0][:] = 0
    np.testing.assert_array_equal(prepared, before)
