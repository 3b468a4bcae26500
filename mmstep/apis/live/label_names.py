"""Names of action classes from a file that somebody gives."""
import re
from typing import Dict, List, Sequence

from mmstep.datasets.ava_csv import read_label_map
from mmstep.errors import LaunchError


def read_label_names(path: str, ids: Sequence[int] = ()) -> List[str]:
    """Reads the names of a model's classes.

    Args:
        path (str): AVA's label map (.pbtxt); or a text file with a name in each line, as in MMAction2's
            ``label_map.txt``, with or without the class's number before it (``12: walk``).
        ids (Sequence[int]): Numbers of the model's classes in the file. Defaults to all in the file, 1, 2, ...

    Returns:
        list[str]: The names.

    Raises:
        LaunchError: If the file cannot be read, or a number is missing in it.
    """
    names = _read(path)
    ids = list(ids) or range(1, max(names) + 1)
    missing = [index for index in ids if index not in names]
    if missing:
        raise LaunchError(f'{path}: no name for class {missing[0]}, which the model has; the file names '
                          f'{len(names)} classes')
    return [names[index] for index in ids]


def _read(path: str) -> Dict[int, str]:
    try:
        if path.endswith('.pbtxt'):
            names = read_label_map(path)
        else:
            with open(path, encoding='utf-8') as file:
                lines = [line.strip() for line in file if line.strip()]
            numbered = [match for line in lines if (match := re.fullmatch(r'(\d+)\s*:\s*(.+)', line))]
            if len(numbered) == len(lines):
                names = {int(match.group(1)): match.group(2) for match in numbered}
            else:
                names = dict(enumerate(lines, start=1))
    except (OSError, UnicodeDecodeError) as error:
        raise LaunchError(f'the label map {path} cannot be read: {error}') from error
    if not names:
        raise LaunchError(f'the label map {path} holds no names')
    return names
