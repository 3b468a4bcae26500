"""Loading of pickle files that hold arrays and tensors, without running what a stranger put in them."""
import io
import math
import os.path as osp
import pickle
import re
from collections import OrderedDict
from typing import Any, Callable, Dict, List, Literal, NoReturn, Tuple

import numpy as np
import torch
from torch._utils import _rebuild_tensor_v2

from mmstep.errors import LaunchError, MissingDataError

# Numbers and texts of a fixed width, as numpy spells their types. Nothing that holds Python objects or has parts.
DTYPES = re.compile(r'[<>=|]?([?bBhHiIlLqQefdg]|[biufcSU]\d{1,6})')


class PickleError(LaunchError, pickle.UnpicklingError, ValueError):
    """A pickle that is not loaded; the message names the file and the reason."""


class _DType:
    """A dtype of a file: known by its text and byte order.

    numpy's own dtype takes any state from a pickle, and one with forged flags makes it read and write foreign memory.
    """

    def __init__(self, spec: str, *_: Any) -> None:
        if not isinstance(spec, str) or not DTYPES.fullmatch(spec):
            raise pickle.UnpicklingError(f'arrays of the type {spec!r} are not loaded, only numbers and texts')
        self.dtype = np.dtype(spec)

    def __setstate__(self, state: tuple) -> None:
        _, order, *parts = state
        if order not in ('<', '>', '|', '=') or any(part is not None for part in parts[:3]):
            raise pickle.UnpicklingError('arrays with parts are not loaded, only those of numbers and texts')
        self.dtype = self.dtype.newbyteorder(order)


class _Array:
    """An array of a file, whose content follows as its state; :func:`_finish` puts the array in its place."""

    __hash__ = None  # type: ignore[assignment]  # no key of a dict, as arrays are none

    def __init__(self, *_: Any) -> None:
        self.array = np.zeros(0)

    def __setstate__(self, state: tuple) -> None:
        _, shape, dtype, fortran, content = state
        if isinstance(content, str):  # of Python 2
            content = content.encode('latin1')
        self.array = _make_array(content, dtype, shape, 'F' if fortran else 'C')


def _make_array(content: bytes, dtype: _DType, shape: Tuple[int, ...], order: Literal['C', 'F']) -> np.ndarray:
    """Stands in for numpy's ``_frombuffer`` as well."""
    if not isinstance(dtype, _DType) or not all(type(size) is int and size >= 0 for size in shape):
        raise pickle.UnpicklingError('an array has no type or no shape')
    needed = math.prod(shape) * dtype.dtype.itemsize
    if needed != memoryview(content).nbytes:
        raise pickle.UnpicklingError(f'an array needs {needed} bytes, and there are {memoryview(content).nbytes}')
    return np.ndarray(shape, dtype.dtype, content, order=order).copy(order)


def _scalar(dtype: _DType, content: Any) -> Any:
    """Stands in for numpy's ``scalar``."""
    content = content.encode('latin1') if isinstance(content, str) else content
    return _make_array(content, dtype, (), 'C')[()]


def _load_storage(content: bytes) -> Any:
    """Stands in for ``torch.storage._load_from_bytes``, which would run what is in the bytes, a pickle again."""
    storage = torch.load(io.BytesIO(content), map_location='cpu', weights_only=True)
    if not isinstance(storage, torch.storage.TypedStorage):
        raise pickle.UnpicklingError('a tensor without numbers')
    return storage


def _rebuild_tensor(storage: Any, offset: int, size: tuple, stride: tuple, *_: Any) -> torch.Tensor:
    """A tensor within its storage, which torch would let grow to whatever a file says."""
    last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    if offset < 0 or min((0, *size, *stride)) < 0 or (math.prod(size) and last >= storage._size()):
        raise pickle.UnpicklingError(f'a tensor of shape {tuple(size)} is larger than its {storage._size()} numbers')
    return _rebuild_tensor_v2(storage, offset, size, stride, False, OrderedDict())


def _latin1_encode(text: str, encoding: str = 'latin1') -> bytes:
    """Stands in for ``codecs.encode``, with which Python 2 style pickles spell their bytes."""
    if encoding not in ('latin1', 'latin-1', 'iso-8859-1'):
        raise pickle.UnpicklingError(f'text encoding {encoding!r} in a pickle')
    return text.encode('latin1')


def _no_bytes() -> bytes:
    """Stands in for ``bytes``, with which the old protocols spell b''."""
    return b''


def _not_called(*_: Any) -> NoReturn:
    """Stands in for ``numpy.ndarray``, which is named by files but made by ``_reconstruct``."""
    raise pickle.UnpicklingError('it calls numpy.ndarray')


def _permitted() -> Dict[Tuple[str, str], Callable]:
    """The globals that the pickle of an array or of a tensor may name, and what stands in for them.

    numpy 2 renamed ``numpy.core``; files carry either name.
    """
    permitted: Dict[Tuple[str, str], Callable] = {
        ('numpy', 'ndarray'): _not_called,
        ('numpy', 'dtype'): _DType,
        ('_codecs', 'encode'): _latin1_encode,
        ('__builtin__', 'bytes'): _no_bytes,
        ('collections', 'OrderedDict'): OrderedDict,  # a tensor's hooks; an empty one in every tensor
        ('torch._utils', '_rebuild_tensor_v2'): _rebuild_tensor,
        ('torch.storage', '_load_from_bytes'): _load_storage,
    }
    for core in ('numpy.core', 'numpy._core'):
        permitted[(f'{core}.multiarray', '_reconstruct')] = _Array
        permitted[(f'{core}.multiarray', 'scalar')] = _scalar
        permitted[(f'{core}.numeric', '_frombuffer')] = _make_array
    return permitted


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickler that builds plain containers, numpy arrays and tensors only."""

    permitted = _permitted()

    def find_class(self, module: str, name: str) -> Callable:
        """Returns the stand-in of a permitted global or refuses."""
        if (module, name) not in self.permitted:
            raise pickle.UnpicklingError(f'it asks for {module}.{name}, and only arrays and tensors in plain lists, '
                                         'tuples and dicts are loaded, since a pickle can run any program')
        return self.permitted[(module, name)]


def _finish(content: Any) -> Any:
    """Puts arrays in the place of their stand-ins, in lists and dicts in place."""
    done: Dict[int, Any] = {}
    kept: List[Any] = []  # so that no id is used twice

    def finish(item: Any) -> Any:
        kind = type(item)
        if kind is _Array:
            return item.array
        if kind not in (list, dict, OrderedDict, tuple):
            return item
        if id(item) not in done:
            kept.append(item)
            done[id(item)] = item
            if kind is list:
                item[:] = [finish(part) for part in item]
            elif kind is tuple:
                done[id(item)] = tuple(finish(part) for part in item)
            else:
                item.update([(key, finish(part)) for key, part in item.items()])
        return done[id(item)]

    return finish(content)


def load_pickle(path: str) -> Any:
    """Loads a pickle of numpy arrays, tensors and plain containers; files of Python 2 as well.

    Arrays are those of numbers, truth values and texts, without Python objects or fields.

    Args:
        path (str): The file.

    Returns:
        Any: What the file holds: dict, list, tuple, set, str, bytes, number, None, array, tensor (on the CPU).

    Raises:
        FileNotFoundError: If there is no such file.
        PickleError: If the file is not a pickle, is cut off, or holds anything but arrays and tensors; the message has
            the file and the reason in a line.
    """
    if not osp.isfile(path):
        raise MissingDataError(f'pickle file {path} does not exist')
    with open(path, 'rb') as file:
        try:
            return _finish(_ArrayUnpickler(file, encoding='latin1').load())
        except Exception as error:  # of a damaged file anything, OverflowError, MemoryError and SystemError included
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise PickleError(f'cannot load {path}: {reason}') from error
