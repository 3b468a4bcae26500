"""Loading of pickle files that hold arrays and tensors, without running what a stranger put in them."""
import io
import math
import os
import os.path as osp
import pickle
import warnings
from collections import OrderedDict
from typing import Any, BinaryIO, Callable, Dict, Iterable, List, Tuple

import numpy as np
import torch
from torch._utils import _rebuild_tensor_v2

from mmstep.errors import LaunchError, MissingDataError
from mmstep.plain_arrays import PlainDType, array_of_state, make_array, make_scalar, not_called
from mmstep.utils.nesting import check_nesting
from mmstep.utils.quoting import one_line

# Bytes from which on it is worth to look whether a file is so long.
LONG = 10**5
# Any, for the type checker knows nothing of its methods.
_PythonUnpickler: Any = pickle._Unpickler


class PickleError(LaunchError, pickle.UnpicklingError, ValueError):
    """A pickle that is not loaded; the message names the file and the reason."""


class _Array:
    """An array of a file, whose content follows as its state; :func:`_finish` puts the array in its place."""

    __hash__ = None  # type: ignore[assignment]  # no key of a dict, as arrays are none

    def __init__(self, *_: Any) -> None:
        self.array = np.zeros(0)

    def __setstate__(self, state: tuple) -> None:
        self.array = array_of_state(state)


def _load_storage(content: bytes) -> Any:
    """Stands in for ``torch.storage._load_from_bytes``, which would run what is in the bytes, a pickle again."""
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', 'Detected pickle protocol')
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


def _ordered_dict(*items: Any) -> OrderedDict:
    """Stands in for ``OrderedDict``, of which every tensor has an empty one for its hooks."""
    _check_keys(key for key, _ in (items[0] if items else ()))
    return OrderedDict(*items)


def _check_keys(keys: Iterable) -> None:
    """Refuses keys that are no texts, numbers or short tuples of them: of nested tuples a hash can take for ever."""
    for key in keys:
        for part in key if type(key) is tuple else (key, ):
            if part is not None and not isinstance(part, (str, bytes, int, float, np.generic)):
                raise pickle.UnpicklingError(f'a {type(part).__name__} as key of a dict or in a set')


def _permitted() -> Dict[Tuple[str, str], Callable]:
    """The globals that the pickle of an array or of a tensor may name, and what stands in for them.

    numpy 2 renamed ``numpy.core``; files carry either name.
    """
    permitted: Dict[Tuple[str, str], Callable] = {
        ('numpy', 'ndarray'): not_called,
        ('numpy', 'dtype'): PlainDType,
        ('_codecs', 'encode'): _latin1_encode,
        ('__builtin__', 'bytes'): _no_bytes,
        ('collections', 'OrderedDict'): _ordered_dict,
        ('torch._utils', '_rebuild_tensor_v2'): _rebuild_tensor,
        ('torch.storage', '_load_from_bytes'): _load_storage,
    }
    for core in ('numpy.core', 'numpy._core'):
        permitted[(f'{core}.multiarray', '_reconstruct')] = _Array
        permitted[(f'{core}.multiarray', 'scalar')] = make_scalar
        permitted[(f'{core}.numeric', '_frombuffer')] = make_array
    return permitted


class _BoundedFile:
    """A file from which no more than is there is asked for: room is made for all that a pickle announces."""

    def __init__(self, file: BinaryIO) -> None:
        self.readline = file.readline
        self.size = os.fstat(file.fileno()).st_size
        self._file = file

    def read(self, count: int) -> bytes:
        """Reads, as the file does."""
        if count > LONG and count > self.size - self._file.tell():
            raise EOFError(f'{count:,} bytes are announced, and the file ends before')
        return self._file.read(count)

    def readinto(self, buffer: Any) -> int:
        """Reads, as the file does."""
        return self._file.readinto(buffer)  # type: ignore[attr-defined]


class _ArrayUnpickler(_PythonUnpickler):
    """Unpickler that builds plain containers, numpy arrays and tensors only.

    It is Python's own in Python, half as fast as the one in C, which makes room for as many objects as a number in the
    file says, sets attributes of whatever a file names, and hashes whatever it is told to.
    """

    permitted = _permitted()
    dispatch = dict(_PythonUnpickler.dispatch)

    def __init__(self, file: BinaryIO) -> None:
        self._bounded = _BoundedFile(file)
        super().__init__(self._bounded, encoding='latin1')

    def find_class(self, module: str, name: str) -> Callable:
        """Returns the stand-in of a permitted global or refuses."""
        if (module, name) not in self.permitted:
            raise pickle.UnpicklingError(
                f'it asks for {one_line(f"{module}.{name}")}, and only arrays and tensors in '
                'plain lists, tuples and dicts are loaded, since a pickle can run any program')
        return self.permitted[(module, name)]

    def load_build(self) -> None:
        """Gives an object its state, of which plain values have none."""
        if not isinstance(self.stack[-2], (_Array, PlainDType)):
            raise pickle.UnpicklingError(f'it asks for a {type(self.stack[-2]).__name__} with a state')
        super().load_build()

    def load_setitem(self) -> None:
        """Puts one item into a dict."""
        self._require_dict(self.stack[-3])
        _check_keys(self.stack[-2:-1])
        super().load_setitem()

    def load_setitems(self) -> None:
        """Puts items into a dict."""
        self._require_dict(self.metastack[-1][-1])
        _check_keys(self.stack[::2])
        super().load_setitems()

    def load_dict(self) -> None:
        """Makes a dict of items, as the old protocols do."""
        _check_keys(self.stack[::2])
        super().load_dict()

    def load_additems(self) -> None:
        """Puts items into a set."""
        _check_keys(self.stack)
        super().load_additems()

    def load_frozenset(self) -> None:
        """Makes a frozenset."""
        _check_keys(self.stack)
        super().load_frozenset()

    def load_bytearray8(self) -> None:
        """Reads a bytearray, and makes room for it once it is read."""
        self.stack.append(bytearray(self.read(int.from_bytes(self.read(8), 'little'))))

    @staticmethod
    def _require_dict(target: Any) -> None:
        if not isinstance(target, dict):
            raise pickle.UnpicklingError(f'it asks for an item of a {type(target).__name__}')

    dispatch.update({
        pickle.BUILD[0]: load_build,
        pickle.SETITEM[0]: load_setitem,
        pickle.SETITEMS[0]: load_setitems,
        pickle.DICT[0]: load_dict,
        pickle.ADDITEMS[0]: load_additems,
        pickle.FROZENSET[0]: load_frozenset,
        pickle.BYTEARRAY8[0]: load_bytearray8,
    })


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
    try:
        with open(path, 'rb') as file:
            content = _finish(_ArrayUnpickler(file).load())
        check_nesting(content, osp.getsize(path))
        return content
    except Exception as error:  # of a damaged file anything, OverflowError, MemoryError and SystemError included
        text = one_line(str(error).strip(), 200)
        if not isinstance(error, pickle.UnpicklingError):
            text = f'it is damaged, or no pickle ({" ".join(filter(None, [type(error).__name__, text]))})'
        raise PickleError(f'cannot load {path}: {text}') from error
