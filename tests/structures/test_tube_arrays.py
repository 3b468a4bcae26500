"""Tests of mmstep.structures.tube_arrays.

Plain arrays of annotated and detected tubes: what evaluation takes, whoever made the detections.
"""
import numpy as np

from mmstep.structures import Tubelets, select_tubelets, tubelets_by_video


def tubelets(label=None):
    return Tubelets(np.array([2, 0, 2]), np.array([5, 6, 7]), np.zeros((3, 6, 4)), np.array([.1, .2, .3]), label)


def test_select_by_rows_and_by_mask():
    found = tubelets(np.array([1, 0, 1]))
    assert select_tubelets(found, np.array([2, 0])).start.tolist() == [7, 5]
    assert select_tubelets(found, found.video == 2).label.tolist() == [1, 1]
    assert select_tubelets(tubelets(), np.array([0])).label is None


def test_every_video_comes_once():
    assert [(video, found.start.tolist()) for video, found in tubelets_by_video(tubelets(), 4)] == [(0, [6]), (1, []),
                                                                                                    (2, [5, 7]),
                                                                                                    (3, [])]
