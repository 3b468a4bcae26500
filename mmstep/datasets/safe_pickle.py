"""Loading of pickle files that hold arrays and tensors, without running what a stranger put in them."""
import io
import os.path as osp
import pickle
from collections import OrderedDict
from typing import Any, Callable, Dict, Tuple

import numpy as np
import torch
from torch._utils import _rebuild_tensor_v2


def _load_storage(content: bytes) -> Any:
    """Stands in for ``torch.storage._load_from_bytes``, which would run what is in the bytes, a pickle again."""
    return torch.load(io.BytesIO(content), map_location='cpu', weights_only=True)


def _latin1_encode(text: str, encoding: str = 'latin1') -> bytes:
    """Stands in for ``codecs.encode``, with which Python 2 style pickles spell their bytes."""
    if encoding not in ('latin1', 'latin-1', 'iso-8859-1'):
        raise pickle.UnpicklingError(f'text encoding {encoding!r} in a pickle')
    return text.encode('latin1')


def _maker(reduced: Any) -> Callable:
    """The function that makes an object anew, of what ``__reduce__`` gives: (function, arguments, ...)."""
    return reduced[0]


def _permitted() -> Dict[Tuple[str, str], Callable]:
    """The globals that the pickle of an array or of a tensor may name.

    numpy 2 renamed ``numpy.core``; files carry either name.
    """
    array = np.zeros(1)
    permitted: Dict[Tuple[str, str], Callable] = {
        ('numpy', 'ndarray'): np.ndarray,
        ('numpy', 'dtype'): np.dtype,
        ('_codecs', 'encode'): _latin1_encode,
        ('__builtin__', 'bytes'): bytes,  # how the old protocols spell b''
        ('collections', 'OrderedDict'): OrderedDict,  # a tensor's hooks; an empty one in every tensor
        ('torch._utils', '_rebuild_tensor_v2'): _rebuild_tensor_v2,
        ('torch.storage', '_load_from_bytes'): _load_storage,
    }
    for core in ('numpy.core', 'numpy._core'):
        # Taken from what numpy itself writes, so that no private module has to be imported by name.
        permitted[(f'{core}.multiarray', '_reconstruct')] = _maker(array.__reduce__())
        permitted[(f'{core}.multiarray', 'scalar')] = _maker(array[0].__reduce__())
        permitted[(f'{core}.numeric', '_frombuffer')] = _maker(array.__reduce_ex__(5))
    return permitted


# What loading a damaged pickle ends in.
_DAMAGED = (pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError,
            RuntimeError)


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickler that builds plain containers, numpy arrays and tensors only."""

    permitted = _permitted()

    def find_class(self, module: str, name: str) -> Callable:
        """Returns a permitted global or refuses."""
        if (module, name) not in self.permitted:
            raise pickle.UnpicklingError(f'it asks for {module}.{name}, and only arrays and tensors in plain lists, '
                                         'tuples and dicts are loaded, since a pickle can run any program')
        return self.permitted[(module, name)]


def load_pickle(path: str) -> Any:
    """Loads a pickle of numpy arrays, tensors and plain containers; files of Python 2 as well.

    Args:
        path (str): The file.

    Returns:
        Any: What the file holds: dict, list, tuple, set, str, bytes, number, None, array, tensor (on the CPU).

    Raises:
        FileNotFoundError: If there is no such file.
        pickle.UnpicklingError: If the file is not a pickle, is cut off, or names anything but arrays and tensors; the
            message has the file and the name.
    """
    if not osp.isfile(path):
        raise FileNotFoundError(f'pickle file {path} does not exist')
    with open(path, 'rb') as file:
        try:
            return _ArrayUnpickler(file, encoding='latin1').load()
        except _DAMAGED as error:
            raise pickle.UnpicklingError(f'cannot load {path}: {error or type(error).__name__}') from error
