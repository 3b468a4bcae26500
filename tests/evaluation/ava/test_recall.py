"""Recall of persons by hand."""
import numpy as np

from mmstep.evaluation.ava import AVATruth, class_agnostic_recall


def test_a_person_counts_once_and_excluded_frames_do_not():
    box = [0., 0., 1., .5]  # y1x1y2x2
    truth = AVATruth(['v,0902', 'v,0903'], np.array([0, 0, 1]), np.array([box] * 3), np.array([1, 2, 1]), {'v,0903'},
                     {})

    def recall(*boxes):
        return class_agnostic_recall(truth, {'v,0902': np.array(boxes, dtype=np.float32).reshape(-1, 4)})

    assert recall([0, 0, .5, 1]) == 1
    assert recall([0, 0, .5, .5]) == 1  # exactly 0.5
    assert recall([0, 0, .5, .4]) == recall() == 0
    assert recall([0, 0, .1, .1], [0, 0, .5, .9]) == 1
    assert class_agnostic_recall(truth, {}) == 0
    assert class_agnostic_recall(truth._replace(excluded={'v,0902', 'v,0903'}), {}) == 0


def test_frames_with_different_numbers_of_boxes():
    """Two persons in the first frame, one in the second; three of them are met by two frames' boxes."""
    truth = AVATruth(['v,0902', 'v,0903'], np.array([0, 0, 1]), np.array([[0, 0, 1, .5], [0, .5, 1, 1], [0, 0, 1, 1]]),
                     np.array([1, 1, 1]), set(), {})
    tops = {
        'v,0902': np.array([[.5, 0, 1, 1]], dtype=np.float32),
        'v,0903': np.array([[0, 0, .1, .1], [0, 0, 1, .9]], dtype=np.float32),
        'v,0950': np.zeros((3, 4), dtype=np.float32)
    }
    assert class_agnostic_recall(truth, tops) == 2 / 3
