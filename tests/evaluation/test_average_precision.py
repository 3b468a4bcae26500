"""Tests of mmstep.evaluation.average_precision: average precision from scored hits."""
import numpy as np
import pytest

from mmstep.evaluation.average_precision import average_precision


def test_by_hand():
    # Points (recall, precision): (0, 1), (.5, 1), (.5, .5), (1, 2/3).
    hits = np.array([True, False, True])
    assert average_precision(hits, 2) == pytest.approx(0.5 + 0.5 * (0.5 + 2 / 3) / 2)
    # Envelope: 1 up to recall .5, then 2/3.
    assert average_precision(hits, 2, 'voc') == pytest.approx(0.5 + 0.5 * 2 / 3)


def test_columns_and_extremes():
    hits = np.array([[True, False], [True, False]])
    assert average_precision(hits, 2).tolist() == [1, 0]
    assert average_precision(np.zeros((0, 2), dtype=bool), 3).tolist() == [0, 0]
