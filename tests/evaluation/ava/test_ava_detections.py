"""What is kept of a window, and how it is rounded."""
import numpy as np
import pytest
import torch
from mmaction.structures import bbox2result

from mmstep.evaluation.ava import gather_windows, pack_window
from mmstep.evaluation.ava.ava_detections import rounded


def test_rounds_as_python_writes():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.random(5000), rng.normal(0, 3, 5000), np.arange(-64, 65) / 32, [0., 1e-9, 0.00005]])
    values = values.astype(np.float32)  # multiples of 1/32 lie halfway between two numbers of four decimals
    assert rounded(values).tolist() == [float(f'{value:.4f}') for value in values.tolist()]


@pytest.mark.parametrize('thr', [0.002, 0., 0.3, -1., [0.1, 0.2, 0.3, 0.4, 0.5]])
def test_keeps_what_mmaction_keeps_in_its_order(thr):
    rng = np.random.default_rng(0)
    boxes = rng.random((6, 4), dtype=np.float32)
    scores = rng.choice([0, .2, .3, .7], (6, 5)).astype(np.float32)
    scores[2] = 0
    packed = pack_window(boxes, scores, np.arange(5), thr)
    for label, rows in enumerate(bbox2result(torch.tensor(boxes), torch.tensor(scores), 5, thr), 1):
        mine = packed['label'] == label
        np.testing.assert_array_equal(packed['boxes'][packed['row'][mine]], rows[:, :4])
        np.testing.assert_array_equal(packed['score'][mine], rows[:, 4])
    assert (np.diff(packed['label'].astype(int)) >= 0).all()


def test_classes_have_the_ids_of_custom_classes_or_are_left_out():
    scores = np.array([[.9, .1, .2, .3]], dtype=np.float32)
    packed = pack_window(np.zeros((1, 4), np.float32), scores, np.array([0, 70, 0, 15]), 0.)
    assert packed['label'].tolist() == [70, 15]
    np.testing.assert_array_equal(packed['score'], scores[0, [1, 3]])


@pytest.mark.parametrize('scores, thr, message', [
    (np.zeros((1, 3), np.float32), 0., 'num_classes=4 does not fit scores of 3 columns'),
    (np.zeros((1, 4), np.float32), [0., 1.], r'and 2 thresholds \(action_thr\)'),
])
def test_what_does_not_fit(scores, thr, message):
    with pytest.raises(ValueError, match=message):
        pack_window(np.zeros((1, 4), np.float32), scores, np.arange(4), thr)


def test_joins_windows():
    """A window twice, one without detections, and boxes that are counted through."""
    rng = np.random.default_rng(0)
    ids = np.arange(3)
    windows = [
        pack_window(rng.random((count, 4), dtype=np.float32), rng.random((count, 3), dtype=np.float32), ids, .5)
        for count in (4, 0, 3, 4)
    ]
    found = gather_windows(['v,0902', 'v,0903', 'v,0904', 'v,0902'], windows)
    assert found.keys == ['v,0902', 'v,0903', 'v,0904']
    expected = [(key, label, round(float(score), 4), *np.round(window['boxes'][row][[1, 0, 3, 2]], 4).tolist())
                for key, window in zip(['v,0902', 'v,0903', 'v,0904', 'v,0902'], windows)
                for row, label, score in zip(window['row'], window['label'], window['score'])]
    assert len(expected) == len(found.box) > 5
    for (key, label, score, *box), index in zip(expected, range(len(expected))):
        assert (found.keys[found.frame[found.box[index]]], found.label[index]) == (key, label)
        assert found.score[index] == pytest.approx(score, abs=1e-7)
        assert found.boxes[found.box[index]].tolist() == pytest.approx(box, abs=1e-7)


def test_no_window_at_all():
    found = gather_windows([], [])
    assert found.keys == [] and len(found.box) == len(found.score) == len(found.boxes) == 0
