"""One score threshold or one for each class."""
import numpy as np
import pytest

from mmstep.apis import class_thresholds, to_detections
from mmstep.errors import LaunchError


def test_one_for_all_or_by_name():
    np.testing.assert_allclose(class_thresholds(0.4, ['run', 'walk']), [0.4, 0.4])
    np.testing.assert_allclose(class_thresholds(dict(walk=0.5), ['run', 'walk']), [0.3, 0.5])
    np.testing.assert_allclose(class_thresholds(dict(walk=0.5, default=0.1), ['run', 'walk']), [0.1, 0.5])


def test_mistakes_are_named():
    with pytest.raises(LaunchError, match="no class 'wlak'. Did you mean 'walk'"):
        class_thresholds(dict(wlak=0.5), ['run', 'walk'])
    with pytest.raises(LaunchError, match="no class 'xyz'. The classes are: run, walk"):
        class_thresholds(dict(xyz=0.5), ['run', 'walk'])
    with pytest.raises(LaunchError, match="'walk' must be from 0 to 1, got 50"):
        class_thresholds(dict(walk=50), ['run', 'walk'])
    with pytest.raises(LaunchError, match='must be from 0 to 1'):
        class_thresholds(float('nan'), ['run'])


def test_actions_of_each_class_have_their_own():
    box = np.array([[0., 0., 10., 10.]])
    thresholds = class_thresholds(dict(walk=0.5, default=0.2), ['run', 'walk'])
    person, = to_detections(box, np.array([[0.3, 0.4]]), box[None], np.zeros(1), ['run', 'walk'], thresholds)
    assert person.actions == [('run', 0.3)]
