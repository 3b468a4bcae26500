"""Weights that are not finite: a model that has some finds nobody, without a word."""
from typing import Any, Dict, Iterator, List, Tuple

import torch
from torch import Tensor

from mmstep.errors import LaunchError

SHOWN = 3


def list_nonfinite(tensors: Any) -> List[str]:
    """Names the tensors that hold NaN or an infinity.

    Args:
        tensors (Any): Tensors in dicts, lists and tuples of any depth, such as a ``state_dict``.

    Returns:
        list[str]: Their names, keys joined by dots.
    """
    floats = [(name, value) for name, value in _flatten(tensors) if value.is_floating_point()]
    if not floats:
        return []
    # One answer from the device for all of them.
    finite = torch.stack([torch.isfinite(value).all() for _, value in floats]).tolist()
    return [name for (name, _), good in zip(floats, finite) if not good]


def _flatten(node: Any, where: str = '') -> Iterator[Tuple[str, Tensor]]:
    if isinstance(node, Tensor):
        yield where, node
        return
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, (list, tuple)) else ()
    for key, child in children:
        yield from _flatten(child, f'{where}.{key}' if where else str(key))


def require_finite(weights: Dict[str, Tensor], path: str) -> None:
    """Refuses weights that are not finite.

    Args:
        weights (dict[str, Tensor]): Name -> weight.
        path (str): Where they are from, for the message.

    Raises:
        LaunchError: With their number and the first names.
    """
    bad = list_nonfinite(weights)
    if bad:
        raise LaunchError(f'{path} holds weights that are not finite ({len(bad)} of {len(weights)} tensors: '
                          f'{shorten(bad)}): a model with them finds nobody. Take an earlier checkpoint.')


def shorten(names: List[str]) -> str:
    """Joins names, the first few of them if there are many.

    Args:
        names (list[str]): The names.

    Returns:
        str: For instance 'a, b, c and 4 more'.
    """
    return ', '.join(names[:SHOWN]) + (f' and {len(names) - SHOWN} more' if len(names) > SHOWN else '')
