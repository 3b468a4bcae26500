"""AVA's annotations and detections as arrays of tubes, and the analyses that take them."""
import numpy as np

from mmstep.evaluation.ava import AVA_RULES, AVADetections, AVATruth, ava_as_tubes
from mmstep.evaluation.error_analysis import analyse_errors
from mmstep.structures import tubelets_by_video

BOX = np.array([[.1, .2, .5, .6]])  # y1, x1, y2, x2


def truth(keys, labels, excluded=()):
    return AVATruth(keys, np.arange(len(keys)), np.repeat(BOX, len(keys), 0), np.array(labels), set(excluded), {
        3: 'walk',
        7: 'sit'
    })


def found(keys, labels, scores):
    return AVADetections(keys, np.arange(len(keys)), np.repeat(BOX, len(keys), 0), np.arange(len(keys)),
                         np.array(labels), np.array(scores, dtype=np.float32))


def test_seconds_become_frames_and_ids_labels():
    tubes, tubelets = ava_as_tubes(
        truth(['b,0003', 'a,0012.500', 'a,0902'], [3, 7, 3]),
        found(['a,0007', 'b,0003', 'c,0001'], [7, 3, 3], [.5, .4, .3]))
    assert tubes.videos == ['a', 'b'] and tubes.labels == ['walk', 'sit'] and tubes.nframes.tolist() == [3, 1]
    np.testing.assert_allclose(tubes.rows, [[2, .2, .1, .6, .5], [3, .2, .1, .6, .5], [1, .2, .1, .6, .5]])
    assert tubes.tube_video.tolist() == [0, 0, 1] and tubes.tube_label.tolist() == [1, 0, 0]
    assert tubelets.video.tolist() == [0, 1] and tubelets.start.tolist() == [1, 1]
    assert tubelets.label.tolist() == [1, 0] and tubelets.boxes[0].tolist() == [[.2, .1, .6, .5]]


def test_excluded_seconds_are_out():
    tubes, tubelets = ava_as_tubes(truth(['a,0001', 'a,0002'], [3, 3], ['a,0001']), found(['a,0001'], [3], [.5]))
    assert len(tubes.rows) == 1 and len(tubelets.video) == 0


def test_errors_of_ava_are_shared_out():
    """Two annotated seconds: one right, one taken for the other class; no box in the third second."""
    tubes, tubelets = ava_as_tubes(
        truth(['a,0001', 'a,0002'], [3, 3]), found(['a,0001', 'a,0002', 'a,0003'], [3, 7, 3], [.9, .8, .7]))
    shares = analyse_errors(tubes, tubelets_by_video(tubelets, 1), AVA_RULES)
    assert list(shares) == ['walk', 'mean']
    assert shares['walk']['missed'] == .5 and shares['walk']['correct'] == .5
