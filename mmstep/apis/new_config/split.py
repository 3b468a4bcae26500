"""Which videos are for validation, where a data set does not say."""
from typing import Collection, List, Mapping

SHARE = 5  # one video of so many


def choose_validation(classes_of_video: Mapping[str, Collection[str]]) -> List[str]:
    """Chooses about a fifth of the videos, evenly spread by name, so that every class stays in training.

    Args:
        classes_of_video (Mapping[str, Collection[str]]): The classes that each video shows; with all classes there.

    Returns:
        list[str]: Names, sorted; none if each video is the only one of some class, or there is one alone.

    Example:
        >>> choose_validation({'a': {'sit', 'walk'}, 'b': {'walk'}})
        ['b']
    """
    names = sorted(classes_of_video)
    wanted = max(round(len(names) / SHARE), 1)
    left = {name: set(classes_of_video[name]) for name in names}
    # The fifth, tenth ... first, then the others.
    order = names[SHARE - 1::SHARE] + [name for index, name in enumerate(names) if index % SHARE != SHARE - 1]
    chosen: List[str] = []
    for name in order:
        if len(chosen) == wanted:
            break
        others = set().union(*(classes for other, classes in left.items() if other != name))
        if len(left) > 1 and left[name] <= others:
            chosen.append(name)
            del left[name]
    return sorted(chosen)
