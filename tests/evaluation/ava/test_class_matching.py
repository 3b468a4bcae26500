"""Overlap and matching on AVA against MMAction2's own functions, and by hand."""
import numpy as np
from mmaction.evaluation.functional.ava_evaluation import np_box_ops
from mmaction.evaluation.functional.ava_utils import tpfp_single

from mmstep.evaluation.ava.class_matching import ava_iou, match_class


def random_boxes(rng, count):
    corner = rng.uniform(0, .6, (count, 2))
    return np.concatenate([corner, corner + rng.uniform(.1, .4, corner.shape)], axis=1).round(2).astype(np.float32)


def test_iou_to_the_last_bit():
    rng = np.random.default_rng(0)
    first, second = random_boxes(rng, 40), random_boxes(rng, 50)
    expected = np_box_ops.iou(first, second)
    rows, columns = np.indices(expected.shape)
    assert np.array_equal(ava_iou(first[rows.ravel()], second[columns.ravel()]).reshape(expected.shape), expected)


def test_crowded_frames_are_matched_as_by_mmaction():
    """Several detections on the same annotation, annotations that overlap equally, frames without any."""
    rng = np.random.default_rng(1)
    frame = np.sort(rng.integers(0, 12, 300))
    truth_frame = np.sort(rng.choice([0, 1, 3, 3, 3, 8, 14], 60))
    truth_boxes, boxes = random_boxes(rng, 60), random_boxes(rng, 300)
    truth_boxes[30:40] = truth_boxes[20:30]
    near = rng.random(300) < .7
    boxes[near] = truth_boxes[rng.integers(60, size=near.sum())] + rng.normal(0, .02, (near.sum(), 4))
    hits = match_class(frame, boxes, truth_frame, truth_boxes)
    for index in range(12):
        mine, theirs = boxes[frame == index], truth_boxes[truth_frame == index]
        _, found = tpfp_single((list(theirs), [1] * len(theirs), list(mine), [1] * len(mine), [.5] * len(mine)))
        assert np.array_equal(hits[frame == index], found[1])
    assert 5 < hits.sum() < 100


def test_by_hand():
    box, half, less = [0, 0, 1, 1], [0, 0, 1, .5], [0, 0, 1, .49]
    boxes = np.array([less, half, box, box], dtype=np.float32)
    truth = np.array([box], dtype=np.float32)
    # The first overlaps too little, the second takes the annotation, the third comes too late; frame 1 has none.
    assert match_class(np.array([0, 0, 0, 1]), boxes, np.array([0]), truth).tolist() == [False, True, False, False]
    assert match_class(np.array([0]), boxes[:1], np.zeros(0, int), truth[:0]).tolist() == [False]
    assert match_class(np.zeros(0, int), boxes[:0], np.array([0]), truth).tolist() == []
