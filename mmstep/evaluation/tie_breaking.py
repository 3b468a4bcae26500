"""Deterministic tie-breaking: the order of equal scores depends on content, not on input order."""
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
    # -0.0 equals 0.0 and has other bits.
    values = [
        np.asarray(column, dtype=np.float64).reshape(count, int(np.prod(np.shape(column)[1:]))) + 0.0
        for column in columns
    ]
    bits = np.ascontiguousarray(np.concatenate(values, axis=1)).view(np.uint64) * _FACTOR
    bits ^= bits >> np.uint64(29)
    places = (np.arange(1, bits.shape[1] + 1, dtype=np.uint64) * np.uint64(2) + np.uint64(1)) * _FACTOR
    keys = (bits * places).sum(axis=1, dtype=np.uint64) ^ np.uint64(zlib.crc32(name.encode()))
    keys *= _FACTOR
    return keys ^ (keys >> np.uint64(31))


def descending(scores: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Order of falling scores, ties by their keys.

    Args:
        scores (np.ndarray): (n,).
        keys (np.ndarray): (n,) of :func:`content_keys`.

    Returns:
        np.ndarray: (n,) indices.
    """
    return np.lexsort((keys, -scores))
