"""Tubelets of many start frames at once against one start frame at a time, and by hand."""
import numpy as np
import pytest

from mmstep.evaluation.linking import start_frames
from mmstep.evaluation.linking.start_frames import prepare_frames, reaches, reaches_of_frames
from mmstep.evaluation.overlap import box_iou
from mmstep.evaluation.rules import get_rules


def tubelets(clip_len=6):
    """One to twelve tubelets at most start frames, around two persons; some are there twice, scores tie."""
    rng = np.random.default_rng(clip_len)
    starts = np.repeat(np.arange(1, 30), rng.integers(0, 13, 29))
    corner = rng.choice([10., 60.], (len(starts), 1, 1)) + rng.normal(0, 8, (len(starts), clip_len, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(30, 40, corner.shape)], axis=2)
    boxes[1::7] = boxes[::7][:len(boxes[1::7])]
    return starts, boxes, rng.choice([0, .2, .5, .7, .8], (len(starts), 3))


@pytest.mark.parametrize('rules', ['act', 'moc', 'multisports'])
@pytest.mark.parametrize('chunk', [1, 700, 10**6])
def test_frames_at_once_and_alone(rules, chunk, monkeypatch):
    monkeypatch.setattr(start_frames, 'CHUNK', chunk)
    starts, boxes, scores = tubelets()
    rules = get_rules(rules)
    frames = prepare_frames(starts, boxes, scores, rules)
    assert [frame.start for frame in frames] == np.unique(starts).tolist()
    assert len({len(frame.boxes) for frame in frames}) > 1
    for frame in frames:
        mine = starts == frame.start
        alone, = prepare_frames(starts[mine], boxes[mine], scores[mine], rules)
        assert np.array_equal(frame.boxes, alone.boxes) and frame.rows == alone.rows
        assert np.array_equal(frame.scores, alone.scores, equal_nan=True)
        assert all(len(rows) <= rules.tubelets_kept for rows in frame.rows)


@pytest.mark.parametrize('clip_len', [1, 6, 9])
def test_reaches_of_all_pairs(clip_len):
    """Frames in common, and the last with the first box where there is none."""
    rules = get_rules('act')
    frames = prepare_frames(*tubelets(clip_len), rules)
    found = reaches_of_frames(frames, 5, rules)
    for frame, reach in zip(frames, found):
        earlier = [item for item in frames if frame.start - 5 <= item.start < frame.start]
        assert sorted(reach) == [item.start for item in earlier]
        for item in earlier:
            offset = frame.start - item.start
            if offset < clip_len:
                overlap = box_iou(item.boxes[:, None, offset:], frame.boxes[None, :, :clip_len - offset]).mean(axis=2)
            else:
                overlap = box_iou(item.boxes[:, None, -1], frame.boxes[None, :, 0])
            assert reach[item.start] == (overlap >= .2).tolist()


def test_least_overlap_is_inclusive():
    first = np.array([[[[0., 0, 9, 9]]]])
    second = np.array([[[[0., 0, 9, 1]], [[0., 0, 8, 1]]]])  # 20 and 18 of 100 pixels
    assert reaches(first, second, 1, get_rules('act')).tolist() == [[[True, False]]]
