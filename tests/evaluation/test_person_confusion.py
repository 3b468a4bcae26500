"""What annotated persons were taken for."""
import numpy as np

from mmstep.evaluation.person_confusion import confuse_persons
from mmstep.structures import TubeGroundTruth, Tubelets, tubelets_by_video

HERE, THERE = [0, 0, 9, 9], [50, 50, 59, 59]


def truth(*rows):
    """Rows of (frame, label, box) of one video; labels sit, walk, wave."""
    return TubeGroundTruth(['sit', 'walk', 'wave'], ['a', 'b'], np.array([9, 9]), np.array([[99, 99]] * 2),
                           np.array([[frame, *box] for frame, _, box in rows], dtype=float), np.arange(len(rows)),
                           np.zeros(len(rows), int), np.array([label for _, label, _ in rows]))


def confuse(annotated, *found, **kwargs):
    """Detections of (frame, label, score, box)."""
    frames, labels, scores, boxes = (np.array(column)
                                     for column in zip(*found)) if found else (np.zeros(0, int), np.zeros(0, int),
                                                                               np.zeros(0), np.zeros((0, 4)))
    tubelets = Tubelets(np.zeros(len(frames), int), frames, boxes.reshape(-1, 1, 4).astype(float), scores, labels)
    return confuse_persons(annotated, tubelets_by_video(tubelets, 2), **kwargs)


def test_right_wrong_missed_and_nobody():
    annotated = truth((1, 0, HERE), (2, 1, HERE), (3, 2, HERE))
    result = confuse(annotated, (1, 0, .9, HERE), (2, 2, .8, HERE), (2, 0, .4, HERE), (3, 2, .9, THERE))
    assert result.matrix.tolist() == [[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    assert result.ious.tolist() == [1, 1, 0]


def test_who_does_two_things_is_taken_for_neither_of_them():
    annotated = truth((1, 0, HERE), (1, 2, HERE))
    result = confuse(annotated, (1, 2, .9, HERE), (1, 1, .5, HERE))
    assert result.matrix.tolist() == [[0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]


def test_low_scores_do_not_count():
    result = confuse(truth((1, 0, HERE)), (1, 0, .2, HERE))
    assert result.matrix[0].tolist() == [0, 0, 0, 1] and result.ious.tolist() == [0]
    assert confuse(truth((1, 0, HERE)), (1, 0, .2, HERE), score_thr=.1).matrix[0, 0] == 1


def test_no_detection_at_all():
    assert confuse(truth((1, 0, HERE), (4, 1, HERE))).matrix[:, 3].tolist() == [1, 1, 0, 0]
