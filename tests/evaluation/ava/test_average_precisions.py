"""Average precision on AVA by hand and against the loops of MMAction2's functions.

That the figures are AVAMetric's own is tested with StepwiseAVAMetric.
"""
import itertools
from typing import Dict, List

import numpy as np
import pytest
from mmaction.evaluation.functional.ava_evaluation import metrics
from mmaction.evaluation.functional.ava_utils import tpfp_single

from mmstep.evaluation.ava import (AVADetections, AVATruth, average_precisions, both_average_precisions,
                                   mean_average_precisions)

LABELS = (3, 8, 17, 33, 40, 64, 65, 80)


def random_case(seed, digits=1):
    """Frames of which some have a crowd, no annotation, no detection or are excluded; scores of few digits tie."""
    rng = np.random.default_rng(seed)
    truth: Dict[str, list] = {}
    rows: List[tuple] = []
    for index in range(30):
        key = f'v,{902 + index:04d}'
        corner = rng.uniform(0, .5, (int(rng.choice([0, 1, 2, 15])), 2)).round(1)
        boxes = np.concatenate([corner, corner + rng.uniform(.2, .5, corner.shape).round(1)], axis=1)
        for box in boxes:
            truth.setdefault(key, []).append((box, int(rng.choice(LABELS[:-2]))))
        boxes = np.concatenate([boxes + rng.normal(0, .02, boxes.shape), np.tile([[.2, .2, .7, .7]], (2, 1))])
        for box, label in itertools.product(boxes.round(4), LABELS[1:] if index % 7 else ()):
            if rng.random() < .5:
                rows.append((key, box, label, round(rng.random(), digits)))
    return make_truth(truth, excluded={'v,0904', 'v,0911'}), rows


def make_truth(frames, excluded=()):
    keys = list(frames)
    rows = [(index, box, label) for index, key in enumerate(keys) for box, label in frames[key]]
    frame, boxes, label = (np.array(column) for column in zip(*rows))
    return AVATruth(keys, frame, boxes, label, set(excluded), {label: str(label) for label in LABELS})


def make_detections(rows):
    keys = list(dict.fromkeys(key for key, *_ in rows))
    boxes = np.array([box for _, box, _, _ in rows], dtype=np.float64).reshape(-1, 4)
    return AVADetections(keys, np.array([keys.index(key) for key, *_ in rows], dtype=int), boxes, np.arange(len(rows)),
                         np.array([label for _, _, label, _ in rows], dtype=int),
                         np.array([score for *_, score in rows], dtype=np.float32))


def by_mmaction(truth, rows, ignore_empty_frames):
    """``ava_eval`` in one process, without its files."""
    annotated: Dict[str, list] = {key: [] for key in truth.keys}
    for frame, box, label in zip(truth.frame.tolist(), truth.boxes.tolist(), truth.label.tolist()):
        annotated[truth.keys[frame]].append((box, label))
    detected: Dict[str, list] = {}
    for key, box, label, score in rows:
        detected.setdefault(key, []).append((score, label, box))
    scores: Dict[int, list] = {}
    hits: Dict[int, list] = {}
    for key in annotated if ignore_empty_frames else detected:
        if key in truth.excluded:
            continue
        items = sorted(detected.get(key, []), key=lambda item: -item[0])
        boxes, labels = zip(*annotated.get(key, [])) if annotated.get(key) else ([], [])
        frame = (boxes, labels, [box for _, _, box in items], [label for _, label, _ in items], [s for s, *_ in items])
        for label, values in tpfp_single(frame)[0].items():
            scores.setdefault(label, []).append(values)
            hits.setdefault(label, []).append(tpfp_single(frame)[1][label])
    return {
        label: metrics.compute_average_precision(*metrics.compute_precision_recall(
            np.concatenate(scores[label]), np.concatenate(hits[label]), int((truth.label == label).sum())))
        for label in scores if (truth.label == label).any()
    }


@pytest.mark.parametrize('seed, digits', [(0, 1), (1, 1), (2, 4)])
@pytest.mark.parametrize('ignore', [True, False])
def test_equal_to_mmaction_to_the_last_bit(seed, digits, ignore):
    truth, rows = random_case(seed, digits)
    found = average_precisions(truth, make_detections(rows), ignore)
    expected = by_mmaction(truth, rows, ignore)
    assert np.isnan([found.pop(65), found.pop(80)]).all()  # detected and never annotated
    assert list(found.items()) == list(expected.items())  # the order of the classes too
    assert 3 not in found and 0 < min(found.values()) < max(found.values()) < 1  # 3 is annotated, never detected
    if digits > 2:  # few ties
        assert both_average_precisions(truth, make_detections(rows),
                                       ignore)[0] == pytest.approx({
                                           **expected, 65: np.nan,
                                           80: np.nan
                                       },
                                                                   abs=2e-3,
                                                                   nan_ok=True)


def test_content_decides_ties():
    truth, rows = random_case(0)
    expected = both_average_precisions(truth, make_detections(rows))
    for order in (range(len(rows) - 1, -1, -1), np.random.default_rng(0).permutation(len(rows))):
        found = both_average_precisions(truth, make_detections([rows[index] for index in order]))
        assert list(map(str, found)) == list(map(str, expected))  # NaN equals NaN


def test_both_means_by_hand():
    """A right and a false detection of class 3, on seconds with and without annotation; class 8 is never detected."""
    box = [0., 0., 1., .5]
    truth = make_truth({'v,0902': [(box, 3), (box, 8)], 'v,0903': [(box, 17)]}, excluded={'v,0903'})
    detected = make_detections([('v,0950', box, 3, .9), ('v,0902', box, 3, .5), ('v,0903', box, 17, .8)])
    assert both_average_precisions(truth, detected) == ({3: 1.}, {3: .5, 8: 0.})
    assert both_average_precisions(truth, detected, ignore_empty_frames=False) == ({3: .5}, {3: .5, 8: 0.})


def test_nothing_detected():
    truth = make_truth({'v,0902': [([0, 0, 1, 1], 3)]})
    assert both_average_precisions(truth, make_detections([])) == ({}, {3: 0.})
    assert average_precisions(truth, make_detections([])) == {}
    excluded = make_truth({'v,0902': [([0, 0, 1, 1], 3)]}, excluded={'v,0902'})
    assert both_average_precisions(excluded, make_detections([('v,0902', [0, 0, 1, 1], 3, .5)])) == ({}, {})


def test_nan_means_are_left_out():
    assert mean_average_precisions({1: .5, 2: float('nan'), 70: float('nan')}) == dict(overall=.5, person_movement=.5)
    assert mean_average_precisions({}) == dict(overall=0)
