"""Text files of commas and lines, read strictly."""
import csv
import os.path as osp
from typing import Iterator, List, TextIO, Tuple

from mmstep.errors import DataError, MissingDataError
from mmstep.utils.quoting import is_one_line, one_line


def iter_csv(path: str, what: str) -> Iterator[Tuple[int, List[str]]]:
    """Yields the non-blank lines of a csv file.

    Args:
        path (str): The file, UTF-8 (with or without a byte-order mark).
        what (str): What the file is, for messages.

    Yields:
        tuple[int, list[str]]: Line number from 1 and fields.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not UTF-8 text.
    """
    if not osp.isfile(path):
        raise MissingDataError(f'{what} {path} does not exist')
    with open_text(path, what) as file:
        reader = csv.reader(file)
        try:
            for fields in reader:
                if len(fields) > 1 or ''.join(fields).strip():
                    if not all(map(str.isprintable, fields)) and not all(map(is_one_line, fields)):
                        raise DataError(f'{path}:{reader.line_num}: a line break or a control character in a field')
                    yield reader.line_num, fields
        except (UnicodeDecodeError, csv.Error) as error:
            raise DataError(f'{path}:{reader.line_num + 1}: not a text file in UTF-8 ({one_line(str(error), 200)}). '
                            f'Save the {what} as plain comma-separated text') from error


def open_text(path: str, what: str) -> TextIO:
    """Opens a text file in UTF-8, with or without a byte-order mark.

    Args:
        path (str): The file.
        what (str): What it is, for messages.

    Raises:
        DataError: If it cannot be read.
    """
    try:
        return open(path, newline='', encoding='utf-8-sig')
    except OSError as error:
        raise DataError(f'{what} {path} cannot be read: {error.strerror}') from error
