"""How far apart the start frames of tubelets lie."""
import warnings

import numpy as np

from mmstep.structures import Tubelets
from ..presets import EvaluationRules


def find_stride(tubelets: Tubelets, rules: EvaluationRules) -> int:
    """The stride at which a detector was run, from the start frames of its tubelets.

    It is the greatest common divisor of the distances between neighbouring start frames of every video. Each video's
    last distance is left out if there are enough others, for the last window often lies at the end of the video, off
    the grid. Windows in which nothing was found do not matter, and tubelets of stride 1 in few frames are not taken for
    a large stride.

    Args:
        tubelets (Tubelets): Of any number of videos, in any order.
        rules (EvaluationRules): Says how old paths get, for the warning.

    Returns:
        int: The stride, at least 1; 1 if there are fewer than two distances.

    Warns:
        UserWarning: If the start frames lie on no grid and are mostly so far apart that all paths end before the next
            tubelets.
    """
    pairs = np.unique(np.stack([tubelets.video, tubelets.start]), axis=1)
    distances, same = np.diff(pairs[1]), np.diff(pairs[0]) == 0
    inner = same.copy()
    inner[:-1] &= same[1:]  # the next one belongs to the video too, so this one is not the last
    inner[-1:] = False
    known = distances[inner if inner.sum() > 2 else same]
    stride = int(np.gcd.reduce(known)) if len(known) > 1 else 1
    gap = max(rules.max_gap or tubelets.boxes.shape[1], stride)
    if same.any() and np.median(distances[same]) > gap:
        warnings.warn(
            f'start frames of tubelets are mostly {np.median(distances[same]):g} frames apart, and paths end after '
            f'{gap} frames: hardly any will be linked. If this is the stride of the windows, give it (stride=, '
            '--stride)', stacklevel=2)
    return stride
