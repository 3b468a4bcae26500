"""Deterministic tie-breaking: the order of equal scores depends on content, not on input order."""
import zlib
from typing import Sequence, Union

import numpy as np

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def content_keys(*columns: np.ndarray, name: Union[str, np.ndarray] = '') -> np.ndarray:
    """A number for each row, made of its values alone, by which ties are broken.

    Sorting ties by the values themselves would favour boxes on the left; these numbers favour nothing.

    Args:
        *columns (np.ndarray): Arrays whose first axis has length n.
        name (str | np.ndarray): Mixed into all, for instance the name of the video; or (n,) of :func:`name_keys`, one
            for each row.

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
    keys = (bits * places).sum(axis=1, dtype=np.uint64)
    keys ^= name_keys([name])[0] if isinstance(name, str) else name
    keys *= _FACTOR
    return keys ^ (keys >> np.uint64(31))


def name_keys(names: Sequence[str]) -> np.ndarray:
    """A number for each name, for :func:`content_keys`.

    Args:
        names (Sequence[str]): n names.

    Returns:
        np.ndarray: (n,) uint64.
    """
    return np.array([zlib.crc32(name.encode()) for name in names], dtype=np.uint64)


def descending(scores: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Order of falling scores, ties by their keys.

    Args:
        scores (np.ndarray): (n,).
        keys (np.ndarray): (n,) of :func:`content_keys`.

    Returns:
        np.ndarray: (n,) indices.
    """
    return np.lexsort((keys, -scores))
