"""How far apart the start frames of tubelets lie."""
import warnings

import numpy as np


def find_stride(video: np.ndarray, start: np.ndarray, gap: int) -> int:
    """The stride at which a detector was run, from the start frames of its tubelets.

    It is the greatest common divisor of the distances between neighbouring start frames of every video. Each video's
    last distance is left out if there are enough others, for the last window often lies at the end of the video, off
    the grid. Windows in which nothing was found do not matter, and tubelets of stride 1 in few frames are not
    taken for a large stride.

    Args:
        video (np.ndarray): (N,) int, the video of each tubelet.
        start (np.ndarray): (N,) int, its start frame.
        gap (int): How many frames a path lives without a tubelet by the rules, for the warning.

    Returns:
        int: The stride, at least 1; 1 if there are fewer than two distances.

    Warns:
        UserWarning: If the start frames lie on no grid and are mostly so far apart that all paths end before the next
            tubelets.
    """
    pairs = np.unique(np.stack([video, start]).astype(np.int64), axis=1)
    distances, same = np.diff(pairs[1]), np.diff(pairs[0]) == 0
    inner = same.copy()
    inner[:-1] &= same[1:]  # the next one belongs to the video too, so this one is not the last
    inner[-1:] = False
    known = distances[inner if inner.sum() > 2 else same]
    stride = int(np.gcd.reduce(known)) if len(known) > 1 else 1
    if same.any() and np.median(distances[same]) > max(gap, stride):
        warnings.warn(
            f'start frames of tubelets are mostly {np.median(distances[same]):g} frames apart, and paths end after '
            f'{max(gap, stride)} frames: hardly any will be linked. If this is the stride of the windows, give it '
            '(stride=, --stride)',
            stacklevel=2)
    return stride
