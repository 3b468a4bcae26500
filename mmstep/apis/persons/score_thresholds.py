"""Score thresholds, one for all classes or one for each."""
import difflib
from typing import Dict, Sequence, Union

import numpy as np

from mmstep.errors import LaunchError

ScoreThreshold = Union[float, Dict[str, float]]
DEFAULT = 0.3


def class_thresholds(score_thr: ScoreThreshold, labels: Sequence[str]) -> np.ndarray:
    """Brings a setting to one threshold a class.

    Args:
        score_thr (float | dict[str, float]): One for all classes, or by name; the name 'default' is for classes that
            are not named, 0.3 without it. Each 0..1.
        labels (Sequence[str]): Names of the C classes.

    Returns:
        np.ndarray: (C,) float64.

    Raises:
        LaunchError: If there is no class of a name, or a threshold is not in 0..1.

    Example:
        >>> class_thresholds(dict(walk=0.5, default=0.2), ['run', 'walk'])
        array([0.2, 0.5])
    """
    by_name = dict(score_thr) if isinstance(score_thr, dict) else dict(default=score_thr)
    for name, value in by_name.items():
        if name != 'default' and name not in labels:
            near = difflib.get_close_matches(name, labels, n=1, cutoff=0.6)
            hint = f'Did you mean {near[0]!r}?' if near else f'The classes are: {", ".join(labels)}'
            raise LaunchError(f'score_thr: the model has no class {name!r}. {hint}')
        if not 0 <= value <= 1:
            raise LaunchError(f'score_thr of {name!r} must be from 0 to 1, got {value}')
    default = by_name.get('default', DEFAULT)
    return np.array([by_name.get(label, default) for label in labels], dtype=np.float64)
