"""Strict comparison of renamed weights with what a model needs."""
from typing import Dict, List, Mapping, Tuple

from torch import Tensor

from .renaming import Renamed

SHOWN = 8
COUNTER = 'num_batches_tracked'


def list_differences(wanted: Mapping[str, Tensor], renamed: Renamed) -> List[str]:
    """Compares both ways: every parameter and buffer of the model filled, every weight of the file used.

    Args:
        wanted (Mapping[str, Tensor]): The model's state dict; only its names and shapes count.
        renamed (Renamed): Weights of a file under the model's names.

    Returns:
        list[str]: Lines for people, none if nothing differs. Weights of the file go by the file's names. Counters of
        batch norm, which files of torch before 0.4.1 lack and which no result depends on, may be missing.
    """
    held = renamed.weights
    missing = [name for name in wanted if name not in held and not name.endswith(COUNTER)]
    unused = renamed.unknown + [renamed.sources[name] for name in held if name not in wanted]
    reshaped = [
        f'{renamed.sources[name]} {_shape(held[name])}: {name} has {_shape(weight)}'
        for name, weight in wanted.items() if name in held and held[name].shape != weight.shape
    ]
    return [
        *_list(f'{len(missing)} of the model\'s {len(wanted)} parameters and buffers are not in the file:', missing),
        *_list(f'{len(unused)} weights of the file have no place in the model:', unused),
        *_list(f'{len(reshaped)} weights have another shape:', reshaped)
    ]


def fill_counters(wanted: Mapping[str, Tensor], weights: Dict[str, Tensor]) -> int:
    """Adds the counters of batch norm that a file lacks, as zeros.

    Args:
        wanted (Mapping[str, Tensor]): The model's state dict.
        weights (dict[str, Tensor]): Weights of the file under the model's names; changed in place.

    Returns:
        int: How many were added.
    """
    absent: List[Tuple[str, Tensor]] = [(name, weight) for name, weight in wanted.items()
                                        if name.endswith(COUNTER) and name not in weights]
    for name, weight in absent:
        weights[name] = weight.new_zeros((), device='cpu')
    return len(absent)


def _shape(weight: Tensor) -> str:
    return 'x'.join(map(str, weight.shape)) or 'one number'


def _list(head: str, names: List[str]) -> List[str]:
    if not names:
        return []
    more = [f'    ... and {len(names) - SHOWN} more'] if len(names) > SHOWN else []
    return [head, *(f'    {name}' for name in names[:SHOWN]), *more]
