"""AVA's label maps (``.pbtxt``)."""
import os.path as osp
import re
from typing import Dict, Iterator, List, Optional

from mmstep.errors import DataError, MissingDataError
from mmstep.utils.quoting import is_one_line, one_line
from .text_file import open_text

MOST_CLASSES = 99999


def read_label_map(path: str) -> Dict[int, str]:
    """Reads a label map (``.pbtxt``) of AVA in either of its two spellings.

    Args:
        path (str): A file of ``item { name: "..." id: 1 }`` or ``label { name: "..." label_id: 1 }`` blocks.

    Returns:
        dict[int, str]: Name of each action id, in the order of the file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a block lacks its name or id, an id occurs twice, or there is none at all.

    Example:
        >>> read_label_map('ava_action_list_v2.2.pbtxt')[1]
        'bend/bow (at the waist)'
    """
    if not osp.isfile(path):
        raise MissingDataError(f'label map {path} does not exist')
    label_map: Dict[int, str] = {}
    name = None
    for line, text in enumerate(_lines(path), 1):
        found_name = re.match(r'\s*name:\s*(["\'])(.*)\1\s*$', text)
        found_id = re.match(r'\s*(?:id|label_id):\s*([0-9]+)\s*$', text)
        if found_name:
            name = found_name.group(2)
            if not is_one_line(name):
                raise DataError(f'{path}:{line}: the name {one_line(name)} has a control character')
        elif found_id:
            label_id = int(found_id.group(1)[:20])
            if label_id > MOST_CLASSES:
                raise DataError(f'{path}:{line}: id {label_id} is too large, {MOST_CLASSES} is the most')
            if name is None:
                raise DataError(f'{path}:{line}: id {label_id} has no name line before it')
            if label_id in label_map:
                raise DataError(f'{path}:{line}: id {label_id} is used twice')
            label_map[label_id] = name
            name = None
    if not label_map:
        raise DataError(f'{path} names no class. Expected blocks like: item {{ name: "walk" id: 1 }}, '
                        'each part on its own line')
    return label_map


def _lines(path: str) -> Iterator[str]:
    """The lines of a label map."""
    with open_text(path, 'label map') as file:
        try:
            yield from file
        except UnicodeDecodeError as error:
            raise DataError(f'label map {path} is not a text file in UTF-8 ({error})') from error


def check_custom_classes(custom_classes: List[int], num_classes: int, label_file: Optional[str]) -> None:
    """Compares the wanted classes with the label map and the number of classes.

    Args:
        custom_classes (list[int]): Action ids.
        num_classes (int): Number of classes + 1.
        label_file (str, optional): Label map.

    Raises:
        DataError: If they do not fit.
    """
    if label_file is None:
        raise DataError('custom_classes needs label_file')
    unknown = sorted(set(custom_classes) - set(read_label_map(label_file)))
    if unknown:
        raise DataError(f'custom_classes {unknown} are not in the label map {label_file}')
    if num_classes != len(custom_classes) + 1:
        raise DataError(f'num_classes={num_classes} does not fit {len(custom_classes)} custom_classes: set '
                        f'num_classes={len(custom_classes) + 1}, one more for the unused class 0')
