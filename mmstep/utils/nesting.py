"""Bounds of what a small file can unfold to: containers that are held many times, or by themselves."""
from typing import Any, Dict, Iterable, Union

# More than any number of a file needs; longer ones cannot even be printed.
MOST_BITS = 1024
Container = Union[dict, list, tuple, set, frozenset]


def check_nesting(content: Any, num_bytes: int) -> None:
    """Refuses content that whoever walks or prints it would not come to an end with.

    A pickle says of a list that it is the one of before in two bytes, so thirty lists, each twice in the next one, are
    2^30 numbers for whoever walks them.

    Args:
        content (Any): What a file holds.
        num_bytes (int): Size of the file.

    Raises:
        ValueError: If a container holds itself, the content has many times more parts than the file has bytes, is
            nested a hundred levels deep, or holds an integer of thousands of digits.
    """
    _parts(content, 10**6 + 20 * num_bytes, {}, 0)


def _parts(item: Any, most: int, known: Dict[int, int], level: int) -> int:
    """Counts the parts of a container, those of shared ones as often as they are there."""
    if isinstance(item, int) and item.bit_length() > MOST_BITS:
        raise ValueError(f'an integer of {item.bit_length()} bits')
    if not isinstance(item, (dict, list, tuple, set, frozenset)):
        return 1
    if level > 100:
        raise ValueError('more than a hundred containers in each other')
    count = known.get(id(item))
    if count is None:
        known[id(item)] = 0
        count = 1
        for parts in _members(item):
            for part in parts:
                kind = type(part)
                # Not a call for each number of a long list.
                count += 1 if kind is str or kind is float else _parts(part, most, known, level + 1)
        if count > most:
            raise ValueError(f'its containers hold each other: more than {most:,} parts if each is counted')
        known[id(item)] = count
    elif count == 0:
        raise ValueError('a container that holds itself')
    return count


def _members(item: Container) -> Iterable[Iterable]:
    return (item.keys(), item.values()) if isinstance(item, dict) else (item, )
