"""Recall of the best tubes of a step, worked out by hand."""
import numpy as np
import tube_recall

from mmstep.structures import TubeGroundTruth

KEY = 'pred_instances_step1'
METRIC = dict(clip_len=2)


def truth():
    """A runner and a sitter in both of two frames of 100x100."""
    rows = np.array([[1, 0, 0, 9, 9], [2, 0, 0, 9, 9], [1, 50, 50, 59, 59], [2, 50, 50, 59, 59]], np.float64)
    return TubeGroundTruth(
        labels=['run', 'sit', 'jump'],
        videos=['a'],
        nframes=np.array([2]),
        resolution=np.array([[100, 100]]),
        rows=rows,
        row_tube=np.array([0, 0, 1, 1]),
        tube_video=np.array([0, 0]),
        tube_label=np.array([0, 1]))


def window(tubes, scores):
    tubes = np.array(tubes, np.float32).reshape(-1, 2, 4)
    scores = np.array(scores, np.float32).reshape(-1, 4)
    return dict(video_id='a', clip_start=1, img_shape=(50, 50), **{KEY: dict(tubes=tubes, scores=scores)})


# The input is half as large as the picture: 0..5 there is 0..10 here, pixels 0 to 9.
RUNNER, SITTER, NOBODY = [0, 0, 5, 5], [25, 25, 30, 30], [40, 0, 45, 5]


def test_persons_count_whatever_the_class():
    found = tube_recall.recall_of_step(truth(), [window([RUNNER * 2], [0, 0, 0, .9])], KEY, METRIC, 3, 0.5)
    assert found == dict(all=0.5, run=1.0, sit=0.0)


def test_only_the_best_count():
    tubes, scores = [NOBODY * 2, RUNNER + NOBODY, SITTER * 2], [[0, .9, 0, 0], [0, 0, .8, 0], [0, .1, 0, 0]]
    assert tube_recall.recall_of_step(truth(), [window(tubes, scores)], KEY, METRIC, 2, 0.5)['all'] == 0.25
    assert tube_recall.recall_of_step(truth(), [window(tubes, scores)], KEY, METRIC, 3, 0.5)['all'] == 0.75


def test_no_tube_finds_nobody():
    assert tube_recall.recall_of_step(truth(), [window([], [])], KEY, METRIC, 3, 0.5) == dict(all=0., run=0., sit=0.)
