"""Arrays of numbers and texts out of files of strangers: what numpy's own constructors would take from them unchecked.

numpy's dtype takes any state from a pickle, and one with forged flags makes it read and write foreign memory. Here a
dtype is known by its text and byte order, and the content of an array has to be as long as its shape says.
"""
import math
import pickle
import re
from typing import Any, Literal, NoReturn, Tuple

import numpy as np

# Numbers and texts of a fixed width, as numpy spells their types. Nothing that holds Python objects or has parts.
DTYPES = re.compile(r'[<>=|]?([?bBhHiIlLqQefdg]|[biufcSU]\d{1,6})')


class PlainDType:
    """Stands in for ``numpy.dtype`` in a pickle.

    Args:
        spec (str): Such as 'f8'.

    Raises:
        UnpicklingError: If it is not one of numbers, truth values or texts.
    """

    def __init__(self, spec: str = '', *_: Any) -> None:
        if not isinstance(spec, str) or not DTYPES.fullmatch(spec):
            raise pickle.UnpicklingError(
                f'it asks for arrays of the type {str(spec)[:40]!r}, and only those of numbers '
                'and texts are loaded')
        self.dtype = np.dtype(spec)

    def __setstate__(self, state: tuple) -> None:
        """Takes the byte order and nothing else."""
        _, order, *parts = state
        if order not in ('<', '>', '|', '=') or any(part is not None for part in parts[:3]):
            raise pickle.UnpicklingError(
                'it asks for arrays with parts, and only those of numbers and texts are loaded')
        self.dtype = self.dtype.newbyteorder(order)


def make_array(content: Any, dtype: PlainDType, shape: Tuple[int, ...], order: Literal['C', 'F']) -> np.ndarray:
    """Stands in for numpy's ``_frombuffer``.

    Args:
        content (bytes | bytearray | str): The numbers; a str is one of Python 2.
        dtype (PlainDType): Their type.
        shape (tuple[int]): Of the array.
        order (str): 'C' or 'F'.

    Returns:
        np.ndarray: A copy.

    Raises:
        UnpicklingError: If the three do not fit.
    """
    if isinstance(content, str):
        content = content.encode('latin1')
    if not isinstance(content, (bytes, bytearray)) or not isinstance(dtype, PlainDType) or not isinstance(
            shape, tuple) or not all(type(size) is int and size >= 0 for size in shape):
        raise pickle.UnpicklingError('an array has no type, no shape or no numbers')
    needed = math.prod(shape) * dtype.dtype.itemsize
    if needed != len(content):
        raise pickle.UnpicklingError(f'an array needs {needed} bytes, and there are {len(content)}')
    return np.ndarray(shape, dtype.dtype, content, order=order).copy(order)


def make_scalar(dtype: PlainDType, content: Any = b'') -> Any:
    """Stands in for numpy's ``scalar``.

    Args:
        dtype (PlainDType): Its type.
        content (bytes | str): The number.

    Returns:
        np.generic: The number.

    Raises:
        UnpicklingError: If the two do not fit.
    """
    return make_array(content, dtype, (), 'C')[()]


def array_of_state(state: tuple) -> np.ndarray:
    """The array that a pickle describes by the state of an ``ndarray``.

    Args:
        state (tuple): Version, shape, :class:`PlainDType`, whether the order is Fortran's, content.

    Returns:
        np.ndarray: The array.

    Raises:
        UnpicklingError: If it does not fit.
    """
    _, shape, dtype, fortran, content = state
    return make_array(content, dtype, shape, 'F' if fortran else 'C')


def not_called(*_: Any) -> NoReturn:
    """Stands in for ``numpy.ndarray``, which is named by files but made by ``_reconstruct``."""
    raise pickle.UnpicklingError('it asks for a call of numpy.ndarray, which no file needs')


class CheckpointArray(np.ndarray):
    """An array out of a checkpoint, where torch lets a stand-in give way to nothing else; saved, it is a plain one.

    It is made empty, as by numpy's ``_reconstruct``, and takes its content once: numpy would free the memory of
    before, which a tensor may share.
    """

    # With plain arrays it becomes a plain one.
    __array_priority__ = -1.

    def __new__(cls, *_: Any) -> 'CheckpointArray':
        """An empty array, whatever is asked for."""
        return super().__new__(cls, (0, ))

    def __setstate__(self, state: tuple) -> None:
        """Takes numbers or texts, see :func:`array_of_state`."""
        if self.__dict__:
            raise pickle.UnpicklingError('it asks for an array that is filled twice, which no file needs')
        array = array_of_state(state)
        state = (1, array.shape, array.dtype, False, array.tobytes())
        super().__setstate__(state)  # type: ignore[arg-type]  # False is no numpy.bool
        self.__dict__['filled'] = True

    def __reduce_ex__(self, protocol: Any) -> Any:
        """As a plain array."""
        return self.view(np.ndarray).__reduce_ex__(protocol)

    def __array_wrap__(self, array: np.ndarray, context: Any = None, return_scalar: bool = False) -> Any:
        """What is computed from it is plain."""
        array = array.view(np.ndarray)
        return array[()] if return_scalar or not array.ndim else array
