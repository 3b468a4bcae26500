"""Shared set-up of these tests; persons at a key time."""

import numpy as np
import pytest

from mmstep.apis import Detection


@pytest.fixture
def walker():
    """Makes persons, see :func:`_walker`."""
    return _walker


def _walker(left, time, person_id=None, speed=0.0, label='walk', score=0.9):
    """A 10 x 20 box whose left edge is at ``left`` at ``time``; feature frames 1/3 s apart."""
    times = time + np.array([-1, 0, 1]) / 3
    tube = np.stack([[left + speed * (t - time), 0, left + speed * (t - time) + 10, 20] for t in times])
    return Detection(tube[1], [(label, score)], tube, times, person_id)
