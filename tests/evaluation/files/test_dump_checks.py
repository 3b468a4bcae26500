"""What a window of a dump may not be made of."""
import re

import numpy as np
import pytest
import torch
from helpers.file_faults import faults_of, pickled

from mmstep.evaluation.files import read_dump
from mmstep.evaluation.files.dump_checks import is_whole, window_fault

BOXES = np.zeros((2, 4), np.float32)
SCORES = np.zeros((2, 3), np.float32)


def window(**changes):
    good = dict(video_id='v', timestamp=902, img_shape=(10, 20), pred_instances=dict(bboxes=BOXES, scores=SCORES))
    return {**good, **changes}


def predicted(**changes):
    return window(pred_instances={**dict(bboxes=BOXES, scores=SCORES), **changes})


STORED = dict(shape=(2, 3), index=np.array([5], np.uint16), value=np.array([.5], np.float32))


@pytest.mark.parametrize(
    'good', [
        window(),
        window(timestamp='0902', img_shape=[10, 20, 3]),
        window(timestamp=torch.tensor(3)),
        window(timestamp=1.5),
        predicted(bboxes=torch.zeros(2, 4, dtype=torch.bfloat16)),
        predicted(bboxes=np.zeros((0, 4)), scores=np.zeros((0, 3))),
        predicted(tubes=np.zeros((2, 5, 4))),
        predicted(scores=STORED),
        window(pred_instances='pred_instances_step1', pred_instances_step1=window()['pred_instances']),
    ],
    ids=range(9))
def test_good(good):
    assert window_fault(good) is None


@pytest.mark.parametrize(
    'bad, fault', [
        (3, 'it is a int without'),
        ({
            1: 2,
            'video_id': 'v'
        }, 'it is a dict without'),
        (window(video_id='a\nb'), r"its video_id is a\\nb, no name"),
        (window(video_id=BOXES), 'its video_id is array'),
        (window(timestamp=None), 'its timestamp is None'),
        (window(timestamp=float('nan')), 'its timestamp is nan'),
        (window(clip_start=10**12), 'its clip_start is 1000000000000'),
        (window(clip_start=1.5), 'its clip_start is 1.5'),
        (window(timestamp=BOXES), 'its timestamp is array'),
        (window(img_shape=(0, 3)), r'its img_shape is \(0, 3\)'),
        (window(img_shape=3), 'its img_shape is 3'),
        (window(img_key=('v', 1)), 'its img_key is'),
        (window(pred_instances=None), 'pred_instances: it has no scores'),
        (window(pred_instances='pred_instances_step4'), 'said to be pred_instances_step4, which there is not'),
        (predicted(scores=[[1, 2]]), 'scores: a list, no array'),
        (predicted(scores=SCORES[0]), r'scores: their shape is \(3,\)'),
        (predicted(scores=np.zeros((2, 0))), r'scores: their shape is \(2, 0\)'),
        (predicted(bboxes=np.zeros((2, 5))), r'bboxes: their shape is \(2, 5\)'),
        (predicted(tubes=np.zeros((2, 0, 4))), r'tubes: their shape is \(2, 0, 4\)'),
        (predicted(bboxes=BOXES[:1]), r'other numbers of scores \(2\) and bboxes \(1\)'),
        (predicted(scores=SCORES + np.nan), 'scores: one is not finite'),
        (predicted(bboxes=torch.full((2, 4), torch.inf)), 'bboxes: one is not finite'),
        (predicted(scores=np.array([['a'], ['b']])), 'scores: they are of the type <U1'),
        (predicted(scores=SCORES > 0), 'scores: they are of the type bool'),
        (predicted(scores=SCORES.astype('>f4')), 'scores: they are of the type >f4'),
        (predicted(scores={
            **STORED, 'shape': (2, 2**62)
        }), 'scores: their shape is'),
        (predicted(scores={
            **STORED, 'shape': (1, 2)
        }), 'a place lies outside'),
        (predicted(scores={
            **STORED, 'index': np.array([-1])
        }), 'do not fit together'),
        (predicted(scores={}), 'they have no shape'),
        (predicted(scores={'shape': (2, 3)}), 'they have no places'),
    ],
    ids=range(30))
def test_faults(bad, fault):
    found = window_fault(bad)
    assert found and re.search(fault, found) and '\n' not in found, found


def test_is_whole():
    assert is_whole(3, 1, 3) and is_whole(np.int64(3), 1, 3) and is_whole(3., 1, 3) and is_whole('003', 1, 3)
    assert not any(
        is_whole(value, 1, 3) for value in (0, 4, 2.5, None, 'x', np.inf, [], np.array([2]), torch.zeros(2)))


def test_files_changed_by_chance_are_read_or_refused_in_a_line(tmp_path):
    good = [[window()] * 2, [predicted(scores=STORED)],
            [window(pred_instances='pred_instances_step1', pred_instances_step1=window()['pred_instances'])]]
    assert faults_of(lambda path: list(read_dump(path)), pickled(good), tmp_path / 'dump.pkl', 200) == []
