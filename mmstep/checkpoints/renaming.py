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
        left_out (list[str]): The file's names of a known part that is not wanted, such as a classifier.
        unknown (list[str]): The file's names that no rule knows.
    """
    weights: Dict[str, Tensor]
    sources: Dict[str, str]
    left_out: List[str]
    unknown: List[str]


def rename(weights: Mapping[str, Tensor], rules: Rules, leave_out: str = '') -> Renamed:
    """Gives every weight the name that the first fitting rule makes of its own.

    Args:
        weights (Mapping[str, Tensor]): The file's names -> weights.
        rules (Sequence[tuple[str, str]]): Patterns of whole names and their replacements.
        leave_out (str): Pattern of whole names that are not wanted. Defaults to none.

    Returns:
        Renamed: The weights; those that are not wanted or that no rule knows are only listed.

    Raises:
        ValueError: If two weights would get the same name.

    Examples:
        >>> rename({'fc.bias': torch.zeros(2), 'step': torch.ones(1)}, [(r'fc\\.(.*)', r'head.\\1')]).sources
        {'head.bias': 'fc.bias'}
    """
    renamed = Renamed({}, {}, [], [])
    compiled = [(re.compile(pattern), new) for pattern, new in rules]
    for name, weight in weights.items():
        if re.fullmatch(leave_out, name):
            renamed.left_out.append(name)
            continue
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


def with_rest(renamed: Renamed, weights: Mapping[str, Tensor]) -> Dict[str, Tensor]:
    """The renamed weights, and those that got no new name as they were.

    Args:
        renamed (Renamed): What :func:`rename` made of ``weights``.
        weights (Mapping[str, Tensor]): The file's names -> weights.

    Returns:
        dict[str, Tensor]: As many weights as the file has.
    """
    return {**renamed.weights, **{name: weights[name] for name in renamed.left_out + renamed.unknown}}
