"""The comparison of a file's weights with what a model needs."""
from typing import Dict, List, Mapping, NamedTuple, Tuple

from torch import Tensor

from .renaming import Renamed

SHOWN = 8
COUNTER = 'num_batches_tracked'


class Match(NamedTuple):
    """How the weights of a file fit a model; lists of names."""
    loaded: List[str]
    missing: List[str]  # of the model
    unexpected: List[str]  # of the file
    reshaped: List[str]  # that both have

    @property
    def whole(self) -> bool:
        """bool: Whether the file fills the model exactly."""
        return not (self.missing or self.unexpected or self.reshaped)


def compare_weights(wanted: Mapping[str, Tensor], held: Mapping[str, Tensor]) -> Match:
    """Compares names and shapes both ways.

    Args:
        wanted (Mapping[str, Tensor]): The model's state dict; only its names and shapes count.
        held (Mapping[str, Tensor]): Weights of a file under the model's names.

    Returns:
        Match: What fits and what does not. Counters of batch norm, which files of torch before 0.4.1 lack and which no
        result depends on, may be missing.
    """
    common = [name for name in wanted if name in held]
    return Match(
        loaded=[name for name in common if held[name].shape == wanted[name].shape],
        missing=[name for name in wanted if name not in held and not name.endswith(COUNTER)],
        unexpected=[name for name in held if name not in wanted],
        reshaped=[name for name in common if held[name].shape != wanted[name].shape])


def list_differences(wanted: Mapping[str, Tensor], renamed: Renamed) -> List[str]:
    """Says what keeps renamed weights from filling a model: every parameter and buffer has to be filled, every weight
    of the file used.

    Args:
        wanted (Mapping[str, Tensor]): The model's state dict; only its names and shapes count.
        renamed (Renamed): Weights of a file under the model's names.

    Returns:
        list[str]: Lines for people, none if nothing differs. Weights of the file go by the file's names.
    """
    match = compare_weights(wanted, renamed.weights)
    missing = match.missing
    unused = renamed.unknown + [renamed.sources[name] for name in match.unexpected]
    reshaped = [
        f'{renamed.sources[name]} {_shape(renamed.weights[name])}: {name} has {_shape(wanted[name])}'
        for name in match.reshaped
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
