"""The key times of a data set: where its windows lie, and which annotated times tell where an actor is in them."""
from collections import defaultdict
from typing import Collection, Dict, List, Optional, Sequence, Tuple

import numpy as np

from .seconds import Second


def key_seconds(annotated: Collection[Tuple[str, Second]],
                every: bool = False,
                limits: Optional[Tuple[int, int]] = None) -> Dict[str, Sequence[Second]]:
    """The key seconds of every video.

    Args:
        annotated (Collection[tuple]): Video and second of what is annotated.
        every (bool): Whether every whole second counts, annotated or not. Defaults to False.
        limits (tuple[int, int], optional): With ``every``, the first and last second of each video. Defaults to its
            first and last annotated one.

    Returns:
        dict[str, Sequence]: Seconds by video, ascending.

    Example:
        >>> key_seconds([('a', 3), ('a', 1.5)])
        {'a': [1.5, 3]}
        >>> key_seconds([('a', 3), ('a', 1.5)], every=True)
        {'a': [1.5, 2, 3]}
    """
    by_video: Dict[str, List[Second]] = defaultdict(list)
    for video_id, second in annotated:
        by_video[video_id].append(second)
    if not every:
        return {video_id: sorted(set(seconds)) for video_id, seconds in by_video.items()}
    result: Dict[str, Sequence[Second]] = {}
    for video_id, seconds in by_video.items():
        first, last = limits or (int(np.ceil(min(seconds))), int(np.floor(max(seconds))))
        between = [second for second in seconds if second != int(second) and (not limits or first <= second <= last)]
        whole = range(first, last + 1)
        result[video_id] = sorted({*whole, *between}) if between else whole
    return result


def window_times(second: Second, annotated: Sequence[Second], usual: np.ndarray) -> np.ndarray:
    """The times, relative to a key second, that tell where an actor is in its window.

    Args:
        second (int | float): The key second.
        annotated (Sequence): All annotated seconds of the video, ascending.
        usual (np.ndarray): (K,) whole seconds of :func:`window_seconds`.

    Returns:
        np.ndarray: ``usual`` itself for a video that is annotated at whole seconds; else those annotated in its range,
        and the last before and the first after it, so that boxes can be interpolated up to the ends.

    Example:
        >>> window_times(1.5, [0.5, 1.5, 1.75, 9], np.array([-2, -1, 0, 1, 2]))
        array([-1.  ,  0.  ,  0.25])
    """
    if isinstance(annotated, range) or all(isinstance(item, int) for item in (*annotated, second)):
        return usual
    offsets = np.union1d(np.round(np.asarray(annotated, dtype=np.float64) - second, 3), [0.])
    return offsets[(offsets >= usual[0]) & (offsets <= usual[-1])]
