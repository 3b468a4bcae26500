"""The measurement of persons' boxes and identities, on tubes made by hand."""
import numpy as np
import pytest

benchmark_persons = pytest.importorskip('benchmark_persons', reason='needs motmetrics, an extra for developers')

from mmstep.apis import Detection, KeyFrame  # noqa: E402
from mmstep.structures import TubeGroundTruth  # noqa: E402


def truth(*tubes):
    """Tubes (first frame from 1, label, left edges by frame) of one video."""
    rows, row_tube = [], []
    for number, (first, _, lefts) in enumerate(tubes):
        rows += [(first + i, left, 0, left + 9, 19) for i, left in enumerate(lefts)]
        row_tube += [number] * len(lefts)
    labels = np.array([label for _, label, _ in tubes])
    return TubeGroundTruth(['walk', 'sit'], ['v'], np.array([20]), np.array([[100, 100]]), np.array(rows, float),
                           np.array(row_tube), np.zeros(len(tubes), int), labels)


def test_tubes_of_one_person_are_put_together():
    # Walks, then sits at the same place; somebody else sits far away from then on; a third comes after a gap.
    persons = benchmark_persons.annotated_persons(
        truth((1, 0, [0, 1, 2]), (4, 1, [3, 3]), (4, 1, [50, 50]), (8, 0, [3, 3])), 0)
    assert [sorted(person) for person in persons] == [[0, 1, 2, 3, 4], [3, 4], [7, 8]]
    np.testing.assert_array_equal(persons[0][0], [0, 0, 10, 20])


def detection(left, time, person_id):
    box = np.array([left, 0., left + 10, 20])
    return Detection(box, [('walk', 0.9)], np.stack([box] * 3), time + np.array([-1, 0, 1]) / 3, person_id)


def test_identities_and_boxes_on_nobody_are_counted():
    persons = [{frame: np.array([0., 0., 10., 20.]) for frame in range(20)}]
    key_frames = [KeyFrame(0.0, [detection(0, 0.0, 0), detection(60, 0.0, 5)]), KeyFrame(1.0, [detection(0, 1.0, 1)])]
    events, drawn, astray = benchmark_persons.follow(key_frames, persons, 20, fps=10, reach=1.0)
    assert drawn == 26 and astray == 6  # frames 0..5 show both
    figures = benchmark_persons.motmetrics.metrics.create().compute(events, metrics=['num_switches', 'idf1'])
    assert figures['num_switches'].item() == 1
    # The better half, 14 of 20 frames: 2 * 14 / (20 + 26).
    assert figures['idf1'].item() == pytest.approx(28 / 46)


def test_overlap_at_every_feature_frame():
    persons = [{frame: np.array([0., 0., 10., 20.]) for frame in range(8)}]
    found = KeyFrame(0.5, [detection(0, 0.5, 0)])
    found.persons[0].tube[0] += 5  # overlap 5 x 15
    ((first, middle, last), ) = benchmark_persons.tube_overlaps(found, persons, fps=10)
    assert first == pytest.approx(75 / 325) and middle == 1 and np.isnan(last)
