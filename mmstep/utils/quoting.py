"""Text and values out of files, as they may stand in a message: on one line, of a bounded length."""
import reprlib
import unicodedata
from typing import Any

_REPR = reprlib.Repr()
_REPR.maxlevel = 3
_REPR.maxstring = _REPR.maxother = 60


def one_line(value: Any, most: int = 80) -> str:
    """A value as text on one line.

    Args:
        value (Any): A text, which stays as it is but for line breaks and control characters; of anything else the
            ``repr``, of long or nested containers the beginning.
        most (int): Characters; what is longer is cut. Defaults to 80.

    Returns:
        str: The text.

    Example:
        >>> one_line('a\\nb'), one_line([1, 2])
        ('a\\\\nb', '[1, 2]')
    """
    if isinstance(value, str):
        text = value[:most + 1]
    else:
        try:
            text = _REPR.repr(value)
        except Exception:  # an integer of thousands of digits, an object that cannot say what it is
            text = f'<{type(value).__name__}>'
        text = ' '.join(text.split())
    text = ''.join(c if is_one_line(c) else c.encode('unicode_escape').decode() for c in text)
    return text if len(text) <= most else text[:most - 3] + '...'


def is_one_line(text: str) -> bool:
    """Whether a text has neither line breaks nor control characters, which would write over a terminal.

    Args:
        text (str): Such as the name of a video. One that is not UTF-8 is fine.

    Returns:
        bool: Whether.
    """
    return text.isprintable() or not any(unicodedata.category(c) in ('Cc', 'Zl', 'Zp') for c in text)
