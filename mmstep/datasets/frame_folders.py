"""Folders with one file for each frame of a video."""
import os
import os.path as osp
from functools import lru_cache

from mmstep.errors import DataError, MissingDataError


@lru_cache(maxsize=1024)
def count_frames(folder: str, filename_tmpl: str, start_index: int) -> int:
    """Number of frame files in a folder, listed once a process. Files of other names do not count.

    Args:
        folder (str): Folder of the frames of one video.
        filename_tmpl (str): Name of a frame's file, for instance 'img_{:05d}.jpg'.
        start_index (int): Number of the first frame's file.

    Returns:
        int: How many, more than 0.

    Raises:
        MissingDataError: If there is no such folder, no such file in it, or one in between is missing.
        DataError: If the first file has another number.
    """
    if not osp.isdir(folder):
        raise MissingDataError(f'folder of frames {folder} does not exist')
    before, after = filename_tmpl[:filename_tmpl.index('{')], filename_tmpl[filename_tmpl.rindex('}') + 1:]
    numbers = set()
    for name in os.listdir(folder):
        number = name[len(before):len(name) - len(after)]
        # Numbers without the template's zeros are files that nobody would find.
        if number.isdecimal() and number.isascii() and name == filename_tmpl.format(int(number)):
            numbers.add(int(number))
    if not numbers:
        raise MissingDataError(f'{folder} holds no frame ({filename_tmpl}). Extract the frames again, or correct '
                               'filename_tmpl')
    first, last = min(numbers), max(numbers)
    if first != start_index:
        raise DataError(f'{folder} begins with {filename_tmpl.format(first)}, and start_index={start_index} says that '
                        f'it begins with {filename_tmpl.format(start_index)}. Set start_index={first}, or extract the '
                        'frames again')
    if len(numbers) != last - first + 1:
        gap = next(number for number in range(first, last) if number not in numbers)
        raise MissingDataError(f'{folder} lacks {filename_tmpl.format(gap)}, and has frames up to '
                               f'{filename_tmpl.format(last)}. Extract the frames again')
    return len(numbers)
