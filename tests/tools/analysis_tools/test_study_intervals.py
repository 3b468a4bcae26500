"""Means, spreads and paired confidence intervals of studies, against values worked out by hand."""
import numpy as np
import pytest
from studies.intervals import mean_and_spread, paired_difference


def test_mean_and_spread():
    assert mean_and_spread([1., 2., 3.]) == (2., 1.)
    assert mean_and_spread([4.]) == (4., 0.)


def test_difference_with_its_interval():
    # Differences 2, 3, 1: mean 2, deviation 1, t(0.975, 2) = 4.3027.
    found = paired_difference([3., 5., 4.], [1., 2., 3.])
    assert found.mean == 2 and found.number == 3
    np.testing.assert_allclose([found.low, found.high], [2 - 4.3027 / 3**.5, 2 + 4.3027 / 3**.5], atol=1e-4)


@pytest.mark.parametrize('more, less, verdict', [
    ([5., 5.1, 5.2], [1., 1.1, 1.2], 'shown'),
    ([1., 1.1, 1.2], [5., 5.1, 5.2], 'contradicted'),
    ([3., 5., 4.], [1., 2., 3.], 'open'),
    ([9.], [1.], 'one seed'),
])
def test_verdict(more, less, verdict):
    assert paired_difference(more, less).verdict == verdict
