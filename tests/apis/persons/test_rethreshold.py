"""Another threshold gives what a run with it would have given."""
import copy

import numpy as np

from mmstep.apis import KeyFrame, PersonMatcher, to_detections
from mmstep.apis.persons.detections import WEAK, split_weak
from mmstep.apis.persons.rethreshold import rethreshold

LABELS = ['walk', 'sit', 'wave']


def windows(seed):
    """Raw boxes and scores of twelve key times: five persons who move, with scores of all heights."""
    rng = np.random.default_rng(seed)
    left = rng.uniform(0, 400, (5, 1))
    for time in range(12):
        start = left + 3 * time + rng.normal(0, 1, (5, 1))
        boxes = np.concatenate([start, np.full((5, 1), 20.), start + 30, np.full((5, 1), 90.)], axis=1)
        yield float(time), boxes, rng.uniform(0, 1, (5, 3))**3


def run(seed, score_thr):
    """What a detector with a threshold gives, as WindowRunner and VideoRun make it."""
    matcher, found = PersonMatcher(), []
    for time, boxes, scores in windows(seed):
        persons = to_detections(boxes, scores, boxes[:, None], np.array([time]), LABELS, WEAK * score_thr)
        shown, weak = split_weak(persons, LABELS, np.full(3, score_thr))
        found.append(KeyFrame(time, shown, weak=weak))
        matcher.update(found[-1])
    return found


def test_same_as_a_run_with_that_threshold():
    for seed in range(5):
        low = run(seed, 0.05)
        before = copy.deepcopy([key_frame.to_dict() for key_frame in low])
        for score_thr in (0.05, 0.2, 0.5, 0.8):
            again, direct = rethreshold(low, score_thr), run(seed, score_thr)
            assert [item.to_dict() for item in again] == [item.to_dict() for item in direct]
        assert [key_frame.to_dict() for key_frame in low] == before


def test_nothing_detected():
    assert rethreshold([], 0.5) == []
    empty, = rethreshold([KeyFrame(2.0, [])], 0.5)
    assert (empty.time, empty.persons) == (2.0, [])
