"""The random transforms: what they promise beside boxes that follow the pixels."""
import numpy as np
import pytest

from mmstep.datasets import TubePhotoMetricDistortion, TubeRandomCrop, TubeRandomErasing, TubeRandomShift
from mmstep.datasets.transforms.augment import colour_matrix, enclosing_box, map_colours

HUES = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128], [10, 200, 90]]], dtype=np.uint8)


def window(boxes=None, valid=None, shape=(100, 120), frames=4):
    rng = np.random.default_rng(0)
    results = dict(imgs=[rng.integers(0, 255, (*shape, 3), dtype=np.uint8) for _ in range(frames)], img_shape=shape)
    if boxes is not None:
        results['gt_bboxes'] = np.array(boxes, dtype=np.float32)
        results['gt_valid'] = np.ones(results['gt_bboxes'].shape[:2], bool) if valid is None else np.array(valid)
    return results


def test_enclosing_box_looks_at_valid_boxes_only():
    boxes = np.array([[[5, 6, 20, 30], [0, 0, 99, 99]], [[10, 2, 40, 9], [1, 1, 2, 2]]], dtype=float)
    np.testing.assert_array_equal(enclosing_box(boxes, np.array([[True, False], [True, False]])), [5, 2, 40, 30])
    assert enclosing_box(boxes, np.zeros((2, 2), bool)) is None
    assert enclosing_box(np.zeros((0, 3, 4)), np.zeros((0, 3), bool)) is None


def test_crop_sizes_lie_in_their_ranges():
    np.random.seed(0)
    crop = TubeRandomCrop(area_range=(0.3, 0.6), aspect_range=(0.8, 1.25), crop_prob=1.0)
    for _ in range(50):
        height, width = crop(window())['img_shape']
        assert 0.29 < height * width / 12000 < 0.61 and 0.78 < (width / height) / 1.2 < 1.28


def test_crop_reaches_every_place_that_holds_the_boxes():
    np.random.seed(0)
    crop = TubeRandomCrop(area_range=(0.25, 0.25), aspect_range=(1., 1.), crop_prob=1.0)  # 60 x 50 of 120 x 100
    corners = np.array([crop(window([[[50, 40, 70, 60]]]))['crop_bbox'][:2] for _ in range(1500)])
    np.testing.assert_array_equal(corners.min(axis=0), [10, 10])
    np.testing.assert_array_equal(corners.max(axis=0), [50, 40])


def test_crop_leaves_the_frame_whole_where_actors_fill_it():
    np.random.seed(0)
    results = TubeRandomCrop(area_range=(0.5, 0.9), crop_prob=1.0)(window([[[0, 0, 120, 100]]]))
    assert results['img_shape'] == (100, 120) and 'crop_bbox' not in results
    np.testing.assert_array_equal(results['gt_bboxes'], [[[0, 0, 120, 100]]])


def test_shift_stops_where_a_box_meets_the_border():
    np.random.seed(0)
    shift = TubeRandomShift(max_ratio=0.1, shift_prob=1.0)
    moved = np.array([shift(window([[[2, 50, 115, 60]]]))['gt_bboxes'][0, 0] for _ in range(300)])
    assert moved[:, 0].min() == 0 and moved[:, 0].max() == 7  # 2 to the left, 5 to the right
    assert moved[:, 1].min() == 40 and moved[:, 1].max() == 60
    np.testing.assert_array_equal(moved[:, 2] - moved[:, 0], 113)


def test_shift_leaves_an_actor_at_the_border_there():
    np.random.seed(0)
    shift = TubeRandomShift(max_ratio=0.1, shift_prob=1.0)
    moved = np.array([shift(window([[[50, 0, 60, 30], [50, 5, 60, 100]]]))['gt_bboxes'][0] for _ in range(50)])
    assert len(set(moved[:, 0, 0])) > 5 and (moved[:, 0, 1] == 0).all() and (moved[:, 1, 3] == 100).all()


def test_shift_repeats_the_border():
    np.random.seed(3)
    results = window(shape=(20, 20))
    before = results['imgs'][0].copy()
    after = TubeRandomShift(max_ratio=0.4, shift_prob=1.0)(results)['imgs'][0]
    place = np.arange(20)
    candidates = [(dx, dy) for dx in range(-8, 9) for dy in range(-8, 9)
                  if (after == before[np.clip(place - dy, 0, 19)][:, np.clip(place - dx, 0, 19)]).all()]
    assert len(candidates) == 1 and candidates[0] != (0, 0)


@pytest.mark.parametrize('transform', [
    TubeRandomCrop(crop_prob=0.0),
    TubeRandomShift(shift_prob=0.0),
    TubeRandomErasing(erase_prob=0.0),
])
def test_probability_zero_changes_nothing(transform):
    np.random.seed(0)
    results, untouched = window([[[5, 5, 9, 9]]]), window([[[5, 5, 9, 9]]])
    transform(results)
    np.testing.assert_array_equal(results['imgs'], untouched['imgs'])
    np.testing.assert_array_equal(results['gt_bboxes'], untouched['gt_bboxes'])


@pytest.mark.parametrize('transform', [
    TubeRandomCrop(),
    TubeRandomShift(),
    TubePhotoMetricDistortion(),
    TubeRandomErasing(),
])
def test_the_seed_decides(transform):

    def run(seed):
        np.random.seed(seed)
        return [img for _ in range(6) for img in transform(window([[[5, 5, 50, 50]]]))['imgs']]

    first, again, other = run(1), run(1), run(2)
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other))


def test_no_change_of_colours():
    np.testing.assert_allclose(colour_matrix(0, 1, 1, 0), np.eye(3, 4), atol=1e-6)
    np.testing.assert_array_equal(map_colours([HUES], colour_matrix(0, 1, 1, 0))[0], HUES)


def test_brightness_and_contrast():
    grey = np.array([[[0, 100, 250]]], dtype=np.uint8)
    np.testing.assert_array_equal(map_colours([grey], colour_matrix(20, 1, 1, 0))[0], [[[20, 120, 255]]])
    np.testing.assert_array_equal(map_colours([grey], colour_matrix(-20, 1, 1, 0))[0], [[[0, 80, 230]]])
    np.testing.assert_array_equal(map_colours([grey], colour_matrix(20, 0.5, 1, 0))[0], [[[10, 60, 135]]])


def test_saturation_zero_is_grey_of_the_same_luma():
    grey = map_colours([HUES], colour_matrix(0, 1, 0, 0))[0]
    np.testing.assert_allclose(grey, np.repeat((HUES @ [0.299, 0.587, 0.114])[..., None], 3, axis=2), atol=1)


def test_hue_turns_colours_and_leaves_greys():
    turned = map_colours([HUES], colour_matrix(0, 1, 1, 18))[0].astype(int)
    np.testing.assert_allclose(turned[0, 3], 128, atol=1)
    assert np.abs(turned[0, 0] - [255, 0, 0]).max() > 15
    there_and_back = colour_matrix(0, 1, 1, 18)[:, :3] @ colour_matrix(0, 1, 1, -18)[:, :3]
    np.testing.assert_allclose(there_and_back, np.eye(3), atol=1e-5)


def test_distortion_is_the_same_for_all_frames_and_leaves_its_input():
    np.random.seed(0)
    imgs = np.stack([HUES] * 5)
    imgs.flags.writeable = False
    out = TubePhotoMetricDistortion()(dict(imgs=imgs))['imgs']
    assert all((img == out[0]).all() and img.dtype == np.uint8 for img in out)


def test_each_setting_is_used_half_of_the_time():
    np.random.seed(0)
    distort = TubePhotoMetricDistortion(contrast_range=(1, 1), saturation_range=(1, 1), hue_delta=0)
    changed = sum(distort(dict(imgs=[HUES]))['imgs'][0][0, 3, 0] != 128 for _ in range(400))
    assert 150 < changed < 250


@pytest.mark.parametrize('build, message', [
    (lambda: TubeRandomCrop(area_range=(0.9, 0.5)), 'area_range'),
    (lambda: TubeRandomCrop(area_range=(0.5, 1.5)), 'area_range'),
    (lambda: TubeRandomCrop(aspect_range=(0, 1)), 'aspect_range'),
    (lambda: TubeRandomShift(max_ratio=1.0), 'max_ratio'),
])
def test_wrong_settings(build, message):
    with pytest.raises(ValueError, match=message):
        build()
