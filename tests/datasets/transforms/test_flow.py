"""Optical flow follows the pictures: through the files and every transform it stays the motion between them."""
import cv2
import numpy as np
import pytest
import torch
from mmaction.datasets.transforms import FormatShape

from mmstep.datasets import (FlowFramesDecode, PackTubeInputs, TubeFlip, TubePhotoMetricDistortion, TubeRandomCrop,
                             TubeRandomShift, TubeResize)
from mmstep.datasets.flow_files import FlowInfo, write_info, write_pair
from mmstep.datasets.optical_flow import build_flow

HEIGHT, WIDTH, LENGTH = 96, 120, 4
BACKGROUND, SQUARE = np.array([2., 1.]), np.array([-3., 2.])  # pixels a frame, x and y


def noise(height, width, seed):
    smooth = cv2.GaussianBlur(
        np.random.default_rng(seed).standard_normal((height, width)).astype(np.float32), (0, 0), 2)
    return (128 + 40 * smooth / smooth.std()).clip(0, 255)


def pictures():
    """A textured square that goes one way before a textured background that goes another."""
    background, square = noise(HEIGHT + 40, WIDTH + 40, 0), noise(44, 44, 1)
    frames = []
    for index in range(LENGTH + 1):
        left, top = (20 - index * BACKGROUND).astype(int)
        frame = background[top:top + HEIGHT, left:left + WIDTH].copy()
        x, y = ((50, 24) + index * SQUARE).astype(int)
        frame[y:y + 44, x:x + 44] = square
        frames.append(cv2.merge([frame.astype(np.uint8)] * 3))
    return frames


@pytest.fixture(scope='module')
def flow_dir(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp('flow'))
    estimate, frames = build_flow(), [frame[..., 0] for frame in pictures()]
    for number in range(1, LENGTH + 1):
        write_pair(folder, number, estimate(*frames[number - 1:number + 1]), 10, 95)
    write_info(folder, FlowInfo(10, 'pyramid', LENGTH, WIDTH, HEIGHT, 95))
    return folder


def window(flow_dir, with_pictures=True, inds=(1, 2, 3, 4)):
    results = dict(
        flow_dir=flow_dir,
        flow_inds=np.array(inds),
        num_frames_total=LENGTH,
        video_id='a',
        num_clips=1,
        clip_len=LENGTH,
        modality='RGB',
        gt_bboxes=np.tile(np.float32([50 / WIDTH, 24 / HEIGHT, 94 / WIDTH, 68 / HEIGHT]), (1, LENGTH, 1)),
        gt_valid=np.array([[True] + [False] * (LENGTH - 1)]),
        gt_labels=np.zeros(1, np.int64),
        entity_ids=np.zeros(1, np.int64))
    if with_pictures:
        results.update(imgs=pictures()[:LENGTH], img_shape=(HEIGHT, WIDTH), original_shape=(HEIGHT, WIDTH))
        results['gt_bboxes'] = results['gt_bboxes'] * np.float32([WIDTH, HEIGHT] * 2)
    return FlowFramesDecode().transform(results)


def inside(box, margin=6):
    """The pixels well inside of a box."""
    x1, y1, x2, y2 = box.round().astype(int)
    return np.s_[y1 + margin:y2 - margin, x1 + margin:x2 - margin]


def assert_flow_fits(results, tolerance=0.3):
    """The flow is what one finds between the pictures as they are now, away from borders."""
    estimate = build_flow()
    for index in range(LENGTH - 1):
        found = estimate(results['imgs'][index][..., 0], results['imgs'][index + 1][..., 0])
        error = np.linalg.norm(results['flows'][index] - found, axis=2)
        assert np.median(error) < tolerance
        assert np.median(error[inside(results['gt_bboxes'][0, 0])]) < tolerance


def square_motion(results):
    return np.median(results['flows'][0][inside(results['gt_bboxes'][0, 0])].reshape(-1, 2), axis=0)


def test_the_motion_that_was_made(flow_dir):
    results = window(flow_dir)
    assert len(results['flows']) == LENGTH and results['flows'][0].shape == (HEIGHT, WIDTH, 2)
    np.testing.assert_allclose(square_motion(results), SQUARE, atol=0.15)
    np.testing.assert_allclose(np.median(results['flows'][0][:18].reshape(-1, 2), axis=0), BACKGROUND, atol=0.15)
    assert_flow_fits(results)


def test_mirrored(flow_dir):
    results = TubeFlip(flip_ratio=1.)(window(flow_dir))
    np.testing.assert_allclose(results['gt_bboxes'][0, 0], [26, 24, 70, 68])
    np.testing.assert_allclose(square_motion(results), SQUARE * (-1, 1), atol=0.15)
    assert_flow_fits(results)


def test_resized(flow_dir):
    results = TubeResize(scale=(WIDTH * 2, HEIGHT // 2 * 3), keep_ratio=False)(window(flow_dir))
    assert results['flows'][0].shape == (144, 240, 2)
    np.testing.assert_allclose(square_motion(results), SQUARE * (2, 1.5), atol=0.25)
    assert_flow_fits(results, tolerance=0.4)


@pytest.mark.parametrize('seed', range(3))
def test_cropped(flow_dir, seed):
    np.random.seed(seed)
    results = TubeRandomCrop(area_range=(0.5, 0.7), crop_prob=1., max_attempts=50)(window(flow_dir))
    assert results['img_shape'] != (HEIGHT, WIDTH) and results['flows'][0].shape[:2] == results['img_shape']
    np.testing.assert_allclose(square_motion(results), SQUARE, atol=0.15)
    assert_flow_fits(results)


@pytest.mark.parametrize('seed', range(3))
def test_shifted(flow_dir, seed):
    np.random.seed(seed)
    before = window(flow_dir)['gt_bboxes'].copy()
    results = TubeRandomShift(max_ratio=0.15, shift_prob=1.)(window(flow_dir))
    assert (results['gt_bboxes'] != before).any()
    np.testing.assert_allclose(square_motion(results), SQUARE, atol=0.15)
    assert_flow_fits(results)


@pytest.mark.parametrize('with_pictures', [True, False])
def test_the_whole_way(flow_dir, with_pictures):
    np.random.seed(0)
    results = window(flow_dir, with_pictures)
    transforms = [
        TubeRandomCrop(area_range=(0.6, 0.8), crop_prob=1., max_attempts=50),
        TubeResize(scale=(160, 160), keep_ratio=False),
        TubeFlip(flip_ratio=1.),
        TubeRandomShift(shift_prob=1.)
    ]
    for transform in transforms:
        results = transform(results)
    x1, y1, x2, y2 = results['crop_bbox']
    expected = SQUARE * (-160 / (x2 - x1), 160 / (y2 - y1))
    np.testing.assert_allclose(square_motion(results), expected, atol=0.3)
    if with_pictures:
        assert_flow_fits(results, tolerance=0.4)
        results = FormatShape('NCTHW', collapse=True)(TubePhotoMetricDistortion()(results))
    box = results['gt_bboxes'][0, 0]
    packed = PackTubeInputs()(results)
    flows = packed['inputs']['flows']
    assert flows.shape == (2, LENGTH, 160, 160) and flows.dtype == torch.float16
    rows, columns = inside(box)
    np.testing.assert_allclose(flows[:, 0, rows, columns].float().flatten(1).median(dim=1)[0], expected, atol=0.3)
    assert set(packed['inputs']) == ({'imgs', 'flows'} if with_pictures else {'flows'})
    assert packed['data_samples'].metainfo['img_shape'] == (160, 160)
    np.testing.assert_allclose(packed['data_samples'].gt_tubes.bboxes[0, 0], box)


class TestReading:

    def test_flow_alone_gives_the_size(self, flow_dir):
        results = window(flow_dir, with_pictures=False)
        assert results['img_shape'] == results['original_shape'] == (HEIGHT, WIDTH) and results['modality'] == 'Flow'
        np.testing.assert_allclose(results['gt_bboxes'][0, 0], [50, 24, 94, 68], rtol=1e-6)

    def test_flow_of_another_size_than_the_pictures(self, flow_dir):
        results = dict(window(flow_dir), imgs=[np.zeros((48, 240, 3), np.uint8)] * LENGTH, img_shape=(48, 240))
        flows = FlowFramesDecode().transform(results)['flows']
        assert flows[0].shape == (48, 240, 2)
        np.testing.assert_allclose(np.median(flows[0][:9].reshape(-1, 2), axis=0), BACKGROUND * (2, 0.5), atol=0.2)

    def test_past_the_end_the_last_one_is_repeated(self, flow_dir):
        flows = window(flow_dir, inds=(1, 1, 4, 5, 9))['flows']
        assert (flows[0] == flows[1]).all() and (flows[2] == flows[3]).all() and (flows[3] == flows[4]).all()
        assert (flows[1] != flows[2]).any()

    def test_flow_of_a_shorter_video(self, flow_dir):
        with pytest.raises(ValueError, match='has 4 frames, and the annotation of a counts 30'):
            FlowFramesDecode().transform(dict(window(flow_dir), num_frames_total=30))

    def test_no_flow(self, flow_dir, tmp_path):
        with pytest.raises(FileNotFoundError, match='flow.json does not exist'):
            FlowFramesDecode().transform(dict(window(flow_dir), flow_dir=str(tmp_path)))


def test_not_mirrored_and_without_flow(flow_dir):
    results = window(flow_dir)
    before = [flow.copy() for flow in results['flows']]
    assert all((a == b).all() for a, b in zip(TubeFlip(flip_ratio=0.)(results)['flows'], before))
    del results['flows']
    assert 'flows' not in TubeResize(scale=(50, 50), keep_ratio=False)(TubeFlip(flip_ratio=1.)(results))
