"""Renaming the weights of a file by rules."""
import re
from typing import Dict, List, Mapping, NamedTuple, Sequence, Tuple

from torch import Tensor

# Pattern of a whole name -> its new name, as in re.sub.
Rules = Sequence[Tuple[str, str]]


class Renamed(NamedTuple):
    """Weights under new names.

    Attributes:
        weights (dict[str, Tensor]): New name -> weight.
        sources (dict[str, str]): New name -> the file's name of it.
        unknown (list[str]): The file's names that no rule knows.
    """
    weights: Dict[str, Tensor]
    sources: Dict[str, str]
    unknown: List[str]


def rename(weights: Mapping[str, Tensor], rules: Rules) -> Renamed:
    """Gives every weight the name that the first fitting rule makes of its own.

    Args:
        weights (Mapping[str, Tensor]): The file's names -> weights.
        rules (Sequence[tuple[str, str]]): Patterns of whole names and their replacements.

    Returns:
        Renamed: The weights; those that no rule knows are only listed.

    Raises:
        ValueError: If two weights would get the same name.

    Examples:
        >>> rename({'fc.bias': torch.zeros(2), 'step': torch.ones(1)}, [(r'fc\\.(.*)', r'head.\\1')]).sources
        {'head.bias': 'fc.bias'}
    """
    renamed = Renamed({}, {}, [])
    compiled = [(re.compile(pattern), new) for pattern, new in rules]
    for name, weight in weights.items():
        match = next(((found, new) for pattern, new in compiled if (found := pattern.fullmatch(name))), None)
        if match is None:
            renamed.unknown.append(name)
            continue
        new_name = match[0].expand(match[1])
        if new_name in renamed.weights:
            raise ValueError(f'{name} and {renamed.sources[new_name]} are both {new_name}')
        renamed.weights[new_name] = weight
        renamed.sources[new_name] = name
    return renamed
