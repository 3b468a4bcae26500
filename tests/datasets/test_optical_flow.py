"""Estimators of optical flow on known motions."""
from unittest.mock import MagicMock

import cv2
import numpy as np
import pytest

from mmstep.datasets.optical_flow import METHODS, PyramidFlow, build_flow, resize_flow
from mmstep.engine.arguments import FLOW_METHODS


def texture(side=160, seed=0):
    noise = np.random.default_rng(seed).standard_normal((side, side)).astype(np.float32)
    layers = [cv2.GaussianBlur(noise, (0, 0), spot) for spot in (3, 8)]
    smooth = sum(layer / layer.std() for layer in layers)
    return 128 + 40 * smooth / smooth.std()


def shifted_pair(dx, dy, size=96):
    """Two pictures between which everything moves by (dx, dy)."""
    picture = texture()
    moved = cv2.warpAffine(picture, np.float32([[1, 0, dx], [0, 1, dy]]), picture.shape[::-1], flags=cv2.INTER_CUBIC)
    return [np.rint(item[32:32 + size, 32:32 + size].clip(0, 255)).astype(np.uint8) for item in (picture, moved)]


@pytest.mark.parametrize('method, tolerance', [('pyramid', 0.05), ('deepflow', 0.05), ('dis', 0.15), ('tvl1', 0.2)])
def test_known_shift(method, tolerance):
    flow = build_flow(method)(*shifted_pair(2.5, -1.25))
    assert flow.shape == (96, 96, 2) and flow.dtype == np.float32
    error = np.linalg.norm(flow[12:-12, 12:-12] - (2.5, -1.25), axis=2)
    assert error.mean() < tolerance


def test_large_motion_needs_the_pyramid():
    pair = shifted_pair(10, -6)
    error = np.linalg.norm(build_flow('pyramid')(*pair)[20:-20, 20:-20] - (10, -6), axis=2).mean()
    single = np.linalg.norm(PyramidFlow(min_side=96)(*pair)[20:-20, 20:-20] - (10, -6), axis=2).mean()
    assert error < 0.1 and single > 5


def test_rotation():
    turn = cv2.getRotationMatrix2D((79.5, 79.5), 5, 1)
    first = texture()
    second = cv2.warpAffine(first, turn, (160, 160), flags=cv2.INTER_CUBIC)
    pair = [np.rint(item[32:128, 32:128].clip(0, 255)).astype(np.uint8) for item in (first, second)]
    y, x = np.mgrid[32:128, 32:128]
    expected = np.stack([x, y, np.ones_like(x)], axis=2) @ turn.T - np.stack([x, y], axis=2)
    assert np.linalg.norm(build_flow()(*pair) - expected, axis=2).mean() < 0.15


def test_no_motion():
    picture = shifted_pair(0, 0)[0]
    assert np.abs(build_flow()(picture, picture)).max() < 1e-3


@pytest.mark.parametrize('shape', [(12, 20), (16, 16), (33, 17)])
def test_small_pictures(shape):
    picture = texture()[:shape[0], :shape[1]].astype(np.uint8)
    assert build_flow()(picture, picture).shape == (*shape, 2)


def test_levels(monkeypatch):
    shapes = []

    class Refinement(MagicMock):

        def calc(self, first, second, flow):
            shapes.append(first.shape)
            return flow

    monkeypatch.setattr(cv2.VariationalRefinement, 'create', Refinement)
    flow = PyramidFlow(scale=0.5, min_side=16)(*np.zeros((2, 100, 64), np.uint8))
    assert flow.shape == (100, 64, 2) and list(dict.fromkeys(shapes)) == [(25, 16), (50, 32), (100, 64)]


def test_names():
    assert set(METHODS) == {'pyramid', 'deepflow', 'dis', 'tvl1', 'brox'} == set(FLOW_METHODS)
    with pytest.raises(ValueError, match="'farneback' is unknown; choose one of pyramid, deepflow, dis, tvl1, brox"):
        build_flow('farneback')


@pytest.mark.parametrize('method', ['deepflow', 'tvl1'])
def test_without_opencv_contrib(monkeypatch, method):
    monkeypatch.delattr(cv2, 'optflow')
    with pytest.raises(ValueError, match=f"{method!r} needs the package opencv-contrib-python-headless"):
        build_flow(method)


def test_brox_without_cuda(monkeypatch):
    monkeypatch.setattr(cv2.cuda, 'getCudaEnabledDeviceCount', lambda: 0)
    with pytest.raises(ValueError, match="'brox' needs an OpenCV built with CUDA"):
        build_flow('brox')


def test_resizing_scales_the_values():
    flow = np.full((10, 20, 2), (3, -2), np.float32)
    resized = resize_flow(flow, (60, 5))
    assert resized.shape == (5, 60, 2) and resized.dtype == np.float32
    np.testing.assert_allclose(resized, np.full((5, 60, 2), (9, -1)))
    assert resize_flow(flow, (20, 10)) is flow
