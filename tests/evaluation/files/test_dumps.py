"""Dumped predictions become tubelets or detections on AVA."""
import pickle

import numpy as np
import pytest
import torch
from helpers.tube_cases import one_tube, random_case

from mmstep.errors import LaunchError
from mmstep.evaluation import evaluate_tubelets
from mmstep.evaluation.files import ava_detections_of_dump, check_windows_of_dump, read_dump, tubelets_of_dump


def write(path, samples):
    path.write_bytes(pickle.dumps(samples))
    return str(path)


def test_boxes_of_single_frames_as_mmaction_dumps_them(tmp_path):
    """Tensors of fractions and of scores without background; the same figures as the arrays they were made of."""
    truth, tubelets = random_case(0, clip_len=1)
    samples = []
    for video, start in sorted(set(zip(tubelets.video.tolist(), tubelets.start.tolist()))):
        mine = (tubelets.video == video) & (tubelets.start == start)
        boxes = (tubelets.boxes[mine, 0] + [0, 0, 1, 1]) / [320, 240, 320, 240]
        prediction = dict(bboxes=torch.tensor(boxes), scores=torch.tensor(tubelets.scores[mine]))
        samples.append(dict(video_id=f'video{video}.mp4', timestamp=start, pred_instances=prediction))
    found = tubelets_of_dump(write(tmp_path / 'dump.pkl', samples), truth)
    assert evaluate_tubelets(truth, found).figures() == pytest.approx(
        evaluate_tubelets(truth, tubelets).figures(), abs=1e-3)


def test_tubes_of_windows(tmp_path):
    truth = one_tube(20)
    tubes = np.tile(np.array([0, 0, 20, 20], dtype=np.float32), (1, 18, 1))  # three clips; the picture was doubled
    scores = np.array([[0, .9, .1]], dtype=np.float32)
    windows = [
        dict(
            video_id='v',
            clip_start=start,
            img_shape=(40, 40),
            pred_instances=dict(tubes=tubes, scores=scores),
            pred_instances_step1=dict(tubes=tubes, scores=scores / 2)) for start in (1, 7, 13, 13)
    ]
    path = write(tmp_path / 'dump.pkl', windows)
    found = tubelets_of_dump(path, truth, clip_len=6)
    assert found.start.tolist() == [1, 7, 13] and found.boxes.shape == (3, 6, 4)
    np.testing.assert_allclose(found.boxes[0, 0], [0, 0, 9, 9])
    np.testing.assert_allclose(tubelets_of_dump(path, truth, 6, step=1).scores[0], [.45, .05])
    with pytest.raises(LaunchError, match='give the frames of a clip'):
        tubelets_of_dump(path, truth)
    with pytest.raises(LaunchError, match='has no "pred_instances_step2"; keep every step'):
        tubelets_of_dump(path, truth, 6, step=2)
    windows[0]['video_id'] = 'w'
    with pytest.raises(LaunchError, match='the video w is not among the 1 test videos'):
        tubelets_of_dump(write(tmp_path / 'other.pkl', windows), truth, 6)


def test_boxes_of_key_seconds(tmp_path):
    scores = np.array([[0, .25, .75, 0], [0, .5, 0, .125]], dtype=np.float32)
    boxes = np.array([[.1, .2, .3, .4], [.5, .5, 1, 1]], dtype=np.float32)
    sample = dict(video_id='v', timestamp=902, pred_instances=dict(bboxes=boxes, scores=scores))
    found = ava_detections_of_dump(write(tmp_path / 'dump.pkl', [sample]), {1, 2})
    assert found.keys == ['v,0902']
    rows = zip(found.label.tolist(), found.score.tolist(), found.boxes[found.box].tolist())
    assert list(rows) == [(1, .25, [.2, .1, .4, .3]), (1, .5, [.5, .5, 1, 1]), (2, .75, [.2, .1, .4, .3])]


def test_what_is_no_dump(tmp_path):
    with pytest.raises(LaunchError, match='nothing.pkl does not exist'):
        read_dump(str(tmp_path / 'nothing.pkl'))
    for content in ({}, [], [1], [dict(video_id='v')]):
        with pytest.raises(LaunchError, match='holds no list of predictions'):
            read_dump(write(tmp_path / 'dump.pkl', content))


def test_odd_windows_are_counted():

    def window(video, second):
        return dict(video_id=video, timestamp=second, pred_instances={})

    samples = [window('a', 902), window('a', 902), window('a', 903), window('x', 902)]
    found = check_windows_of_dump(samples, [('a', 902), ('a', 904)], ['a', 'b'], 'out.pkl')
    assert found == [
        'out.pkl: 1 windows come more than once, for instance a,0902',
        'out.pkl: 1 windows are of videos that are not annotated, for instance x,0902',
        'out.pkl: 1 windows are missing, and their annotations count as missed, for instance a,0904',
        'out.pkl: 1 of 2 annotated videos have no window at all, for instance b',
    ]
    assert check_windows_of_dump(samples[1:3], [], ['a'], 'out.pkl') == []


@pytest.mark.parametrize('part', ['clip_start', 'img_shape', 'timestamp'])
def test_windows_that_do_not_say_where_they_are(tmp_path, part):
    scores, tubes = np.array([[0, .9, .1]], np.float32), np.zeros((1, 18, 4), np.float32)
    prediction = dict(scores=scores, bboxes=tubes[:, 0]) if part == 'timestamp' else dict(scores=scores, tubes=tubes)
    sample = dict(video_id='v', timestamp=1, clip_start=1, img_shape=(40, 40), pred_instances=prediction)
    del sample[part]
    with pytest.raises(LaunchError, match=rf'dump.pkl: a window of the video v lacks {part}$'):
        tubelets_of_dump(write(tmp_path / 'dump.pkl', [sample]), one_tube(20), clip_len=6)
