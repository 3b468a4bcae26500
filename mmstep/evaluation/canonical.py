"""An order of detections that depends on nothing but the detections."""
import zlib

import numpy as np

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def content_keys(*columns: np.ndarray, name: str = '') -> np.ndarray:
    """A number for each row, made of its values alone, by which ties are broken.

    Sorting ties by the values themselves would favour boxes on the left; these numbers favour nothing.

    Args:
        *columns (np.ndarray): Arrays whose first axis has length n.
        name (str): Mixed into all, for instance the name of the video.

    Returns:
        np.ndarray: (n,) uint64; equal rows have equal numbers.
    """
    count = len(columns[0])
    keys = np.full(count, zlib.crc32(name.encode()), dtype=np.uint64)
    if count == 0:
        return keys
    for column in columns:
        # -0.0 equals 0.0 and has other bits.
        values = np.asarray(column, dtype=np.float64).reshape(count, -1) + 0.0
        for bits in np.ascontiguousarray(values.T).view(np.uint64):
            keys = (keys ^ bits) * _FACTOR
            keys ^= keys >> np.uint64(29)
    return keys


def descending(scores: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Order of falling scores, ties by their keys.

    Args:
        scores (np.ndarray): (n,).
        keys (np.ndarray): (n,) of :func:`content_keys`.

    Returns:
        np.ndarray: (n,) indices.
    """
    return np.lexsort((keys, -scores))
