"""A bright box is drawn into every frame, the window is transformed, and the box is looked for in the pixels."""
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mmaction.datasets.transforms import Flip, FormatShape, Resize

from mmstep.datasets import (PackTubeInputs, TubePhotoMetricDistortion, TubeRandomCrop, TubeRandomErasing,
                             TubeRandomShift)

STRIDE = 4
LENGTH = 36
BACKGROUND, ACTOR = 40, 220


def draw_window(boxes, height, width):
    """Frames (LENGTH) with a bright box that stands still within a feature frame; ``boxes`` (T, 4) whole pixels."""
    imgs = [np.full((height, width, 3), BACKGROUND, dtype=np.uint8) for _ in range(LENGTH)]
    for index, img in enumerate(imgs):
        x1, y1, x2, y2 = boxes[index // STRIDE]
        img[y1:y2, x1:x2] = ACTOR
    return imgs


def find_box(img):
    """The bright box of a frame, or None."""
    bright = img.astype(int).sum(axis=2) > (BACKGROUND + ACTOR) * 3 // 2
    if not bright.any():
        return None
    ys, xs = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    return np.array([xs[0], ys[0], xs[-1] + 1, ys[-1] + 1])


def assert_boxes_fit(results, tolerance):
    height, width = results['img_shape']
    boxes = results['gt_bboxes']
    assert boxes.min() >= 0 and boxes[..., 0::2].max() <= width and boxes[..., 1::2].max() <= height
    assert len(results['imgs']) == LENGTH
    for index, img in enumerate(results['imgs']):
        assert img.shape == (height, width, 3) and img.dtype == np.uint8
        if results['gt_valid'][0, index // STRIDE]:
            np.testing.assert_allclose(boxes[0, index // STRIDE], find_box(img), atol=tolerance)


def window(rng, height=96, width=128, valid=None):
    """A window with one actor of random size on a random way."""
    size = rng.integers(12, 30, 2)
    places = rng.integers(0, [width - size[0], height - size[1]], (LENGTH // STRIDE, 2))
    boxes = np.concatenate([places, places + size], axis=1)
    valid = np.ones(LENGTH // STRIDE, dtype=bool) if valid is None else np.array(valid)
    return dict(
        imgs=draw_window(boxes, height, width),
        img_shape=(height, width),
        modality='RGB',
        num_clips=1,
        clip_len=LENGTH,
        gt_bboxes=boxes[None].astype(np.float32),
        gt_valid=valid[None],
        gt_labels=np.ones((1, 4), np.float32),
        entity_ids=np.array([0]))


TRANSFORMS = dict(
    resize=lambda: Resize(scale=(100, 90), keep_ratio=False),
    enlarge=lambda: Resize(scale=(200, 200), keep_ratio=False),
    flip=lambda: Flip(flip_ratio=1.0),
    crop=lambda: TubeRandomCrop(crop_prob=1.0),
    narrow_crop=lambda: TubeRandomCrop(area_range=(0.2, 0.5), crop_prob=1.0, max_attempts=50),
    shift=lambda: TubeRandomShift(max_ratio=0.2, shift_prob=1.0),
    colours=lambda: TubePhotoMetricDistortion(brightness_delta=20, contrast_range=(0.9, 1.1)),
)


@pytest.mark.parametrize('name', TRANSFORMS)
def test_each_transform(name):
    rng = np.random.default_rng(0)
    for seed in range(5):
        np.random.seed(seed)
        assert_boxes_fit(TRANSFORMS[name]()(window(rng)), tolerance=1)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(sorted(TRANSFORMS)), min_size=2, max_size=5), st.integers(0, 2**31),
    st.sampled_from([(96, 128), (128, 96), (60, 60)]))
def test_random_combinations(names, seed, shape):
    np.random.seed(seed % 2**32)
    results = window(np.random.default_rng(seed), *shape)
    for name in names:
        results = TRANSFORMS[name]()(results)
    assert_boxes_fit(results, tolerance=2)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.booleans(), min_size=9, max_size=9).filter(any), st.integers(0, 1000))
def test_only_valid_boxes_hold_a_crop_back(valid, seed):
    np.random.seed(seed)
    results = TRANSFORMS['narrow_crop']()(window(np.random.default_rng(seed), valid=valid))
    assert_boxes_fit(results, tolerance=1)


@pytest.mark.parametrize('name', TRANSFORMS)
def test_no_actor(name):
    results = window(np.random.default_rng(0))
    results.update(
        gt_bboxes=np.zeros((0, 9, 4), np.float32),
        gt_valid=np.zeros((0, 9), bool),
        gt_labels=np.zeros((0, 4), np.float32),
        entity_ids=np.zeros(0, np.int64))
    results = FormatShape('NCTHW', collapse=True)(TRANSFORMS[name]()(results))
    assert results['gt_bboxes'].shape == (0, 9, 4)
    assert len(PackTubeInputs()(results)['data_samples'].gt_tubes) == 0


@pytest.mark.parametrize('name', TRANSFORMS)
def test_without_annotation(name):
    results = window(np.random.default_rng(0))
    for key in ('gt_bboxes', 'gt_valid', 'gt_labels', 'entity_ids'):
        del results[key]
    assert len(TRANSFORMS[name]()(results)['imgs']) == LENGTH


@pytest.mark.parametrize('name', TRANSFORMS)
def test_proposals_follow_as_well(name):
    results = window(np.random.default_rng(3))
    results['proposals'] = results['gt_bboxes'][0].copy()
    np.random.seed(1)
    results = TRANSFORMS[name]()(results)
    np.testing.assert_allclose(results['proposals'], results['gt_bboxes'][0], atol=1e-3)


def test_all_frames_show_the_same_erased_patch():
    for mode in ('const', 'rand'):
        np.random.seed(0)
        results = window(np.random.default_rng(0))
        before = [img.copy() for img in results['imgs']]
        for img in results['imgs']:
            img.flags.writeable = False  # as some decoders give them
        boxes = results['gt_bboxes'].copy()
        erased = TubeRandomErasing(erase_prob=1.0, mode=mode)(results)['imgs']
        changed = np.any([(a != b).any(axis=2) for a, b in zip(before, erased)], axis=0)
        ys, xs = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        patch = np.s_[ys[0]:ys[-1] + 1, xs[0]:xs[-1] + 1]
        assert all((img[patch] == erased[0][patch]).all() for img in erased)
        assert 0.005 < changed.mean() < 0.4
        np.testing.assert_array_equal(results['gt_bboxes'], boxes)
