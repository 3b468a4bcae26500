"""Tests of mmstep.evaluation.error_analysis.

What goes wrong in frames, as in ACT's error analysis (Kalogeiton et al., ICCV 2017, section 5.3).
"""
import numpy as np
import pytest
from helpers.tube_cases import random_case

from mmstep.evaluation import analyse_errors, frame_map, plot_errors
from mmstep.structures import TubeGroundTruth, Tubelets, tubelets_by_video


def test_errors_by_hand(tmp_path):
    rows = np.array([[1, 0, 0, 9, 9], [2, 0, 0, 9, 9], [1, 10, 10, 19, 19], [3, 10, 10, 19, 19]], dtype=float)
    truth = TubeGroundTruth(['a', 'b'], ['v'], np.array([9]), np.array([[20, 20]]), rows, np.array([0, 0, 1, 1]),
                            np.array([0, 0]), np.array([0, 1]))
    boxes = np.array([[0, 0, 9, 9], [0, 0, 3, 3], [10, 10, 19, 19], [0, 0, 9, 9]], dtype=float)[:, None]
    # Class a: right in frame 1; too small in frame 2; on b in frame 3; in frame 5, where nothing is.
    tubelets = Tubelets(
        np.zeros(4, int), np.array([1, 2, 3, 5]), boxes, np.array([[.6, 0], [.9, 0], [.8, 0], [.7, 0]]))
    shares = analyse_errors(truth, [(0, tubelets)])
    # Recall moves once, from 0 to .5 at the fourth detection: each share is the mean of the curve there and before.
    assert shares['a']['localisation'] == pytest.approx(0.5 * (1 / 3 + 1 / 4) / 2)
    assert shares['a']['classification'] == pytest.approx(0.5 * (1 / 3 + 1 / 4) / 2)
    assert shares['a']['time'] == pytest.approx(0.5 * (1 / 3 + 1 / 4) / 2)
    assert shares['a']['missed'] == 0.5
    assert sum(shares['a'].values()) == pytest.approx(1)
    plot_errors(shares, str(tmp_path / 'errors.png'))
    assert (tmp_path / 'errors.png').stat().st_size > 1000


@pytest.mark.parametrize('rules', ['act', 'moc'])
def test_correct_is_the_average_precision(rules):
    truth, tubelets = random_case(1)
    shares = analyse_errors(truth, tubelets_by_video(tubelets, len(truth.videos)), rules)
    found = frame_map(truth, tubelets, rules)[0.5]
    assert set(shares) == {'class0', 'class1', 'mean'}  # class2 is never annotated
    assert {
        name: item['correct']
        for name, item in shares.items() if name != 'mean'
    } == pytest.approx({name: found[name]
                        for name in ('class0', 'class1')})
    assert all(0 <= value <= 1 for item in shares.values() for value in item.values())


def test_the_order_of_videos_does_not_matter():
    truth, tubelets = random_case(3)
    tubelets = tubelets._replace(scores=tubelets.scores.round(1))
    videos = list(tubelets_by_video(tubelets, len(truth.videos)))
    assert analyse_errors(truth, videos) == analyse_errors(truth, videos[::-1])


def test_no_detection_at_all():
    truth, _ = random_case(0)
    assert analyse_errors(truth, [])['mean']['missed'] == 1
