"""Tests of mmstep.evaluation.overlap: overlap of boxes and tubes, and suppression by it."""
import numpy as np
import pytest

from mmstep.evaluation.overlap import box_iou, greedy_nms, tube_overlaps, tubelet_iou


def test_box_iou_of_either_convention():
    first, second = np.array([0., 0, 9, 9]), np.array([0., 0, 9, 4])
    assert box_iou(first, second) == pytest.approx(0.5)
    assert box_iou(first, second, plus_one=False) == pytest.approx(4 / 9)
    assert box_iou(np.zeros(4), np.zeros(4), plus_one=False) == 0


def test_greedy_nms_hard_and_soft():
    iou = np.array([[[1, .7, 0], [.7, 1, .7], [0, .7, 1]]])
    scores = np.array([[[.9, .8, .7], [.1, .8, 0]]])
    # In the first class box 1 goes, so that it does not suppress box 2; in the second it is the best.
    gone = np.nan
    assert np.array_equal(greedy_nms(iou, scores, 0.5), [[[.9, gone, .7], [gone, .8, gone]]], equal_nan=True)
    soft = greedy_nms(iou, scores, 0.5, soft=True)
    assert np.allclose(soft, [[[.9, .24, .7], [.03, .8, gone]]], equal_nan=True)
    assert greedy_nms(iou[:, :0, :0], scores[:, :, :0], 0.5).shape == (1, 2, 0)


def test_tube_overlap_is_temporal_times_spatial():
    boxes = np.zeros((2, 10, 4))
    boxes[0], boxes[1] = [0, 0, 9, 9], [0, 0, 9, 4]
    present = np.zeros((2, 10), dtype=bool)
    present[0, :8], present[1, 4:] = True, True
    overlap = tube_overlaps(boxes[:1], present[:1], boxes[1:], present[1:], True)
    assert overlap == pytest.approx(4 / 10 * 0.5)
    present[1, :] = False
    present[1, 8:] = True
    assert tube_overlaps(boxes[:1], present[:1], boxes[1:], present[1:], True) == 0
    assert tube_overlaps(boxes[:0], present[:0], boxes, present, True).shape == (0, 2)


@pytest.mark.parametrize('count', [1, 63, 64, 65, 150])
def test_nms_of_any_number_of_boxes(count):
    """One box and class at a time."""
    rng = np.random.default_rng(count)
    corner = rng.uniform(0, 60, (2, count, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(20, 40, corner.shape)], axis=2)
    iou, scores = box_iou(boxes[:, :, None], boxes[:, None]), rng.random((2, 3, count)).round(1)
    found = greedy_nms(iou, scores, 0.3)
    for group in range(2):
        for klass in range(3):
            left = []
            for box in np.argsort(-scores[group, klass], kind='stable').tolist():
                if scores[group, klass, box] > 0 and not any(iou[group, box, other] > 0.3 for other in left):
                    left.append(box)
            assert np.flatnonzero(~np.isnan(found[group, klass])).tolist() == sorted(left)
            assert np.array_equal(found[group, klass, left], scores[group, klass, left])


def test_tubelets_each_with_each():
    rng = np.random.default_rng(0)
    first, second = (rng.random((3, count, 6, 4)) * [20, 20, 40, 40] for count in (4, 5))
    found = tubelet_iou(first, second)
    assert found.shape == (3, 4, 5, 6) and found.flags.c_contiguous
    assert np.array_equal(found, box_iou(first[:, :, None], second[:, None]))


def test_tubes_with_holes():
    """Overlap over the frames in which both have a box, with the temporal IoU of the spans."""
    boxes = np.tile([0., 0, 9, 9], (2, 12, 1))
    present = np.zeros((2, 12), dtype=bool)
    present[0, [0, 1, 5, 9]], present[1, [5, 6, 9, 11]] = True, True
    boxes[1, 9] = [0, 0, 9, 4]
    assert tube_overlaps(boxes[:1], present[:1], boxes[1:], present[1:], True)[0, 0] == 5 / 12 * (1 + .5) / 2
    present[1, [5, 9]] = False  # none in common
    assert tube_overlaps(boxes[:1], present[:1], boxes[1:], present[1:], True)[0, 0] == 0
