"""What a file of torch may be made of, whoever wrote it: no more memory than the file is long, and plain tensors."""
import os.path as osp
import pickle
import warnings
import zipfile
from typing import Any

import torch
from torch import Tensor

from mmstep.utils.nesting import check_nesting


def load_weights_only(path: str) -> Any:
    """Opens a file that ``torch.save`` wrote, without running code from it; weights are mapped, not read.

    Args:
        path (str): A local file.

    Returns:
        Any: What it holds: tensors on the CPU, within their storages, in containers that can be walked.

    Raises:
        UnpicklingError: If it asks for something else; the message begins with "it asks for" if there is no honest
            reason to.
        Exception: Of a damaged file anything, as torch has it.
    """
    zipped = zipfile.is_zipfile(path)
    if zipped:
        _refuse_compressed(path)
    with warnings.catch_warnings():
        # Of other versions of the pickle protocol, which a flipped byte is enough for.
        warnings.filterwarnings('ignore', 'Detected pickle protocol')
        # Files of torch < 1.6 are not zip archives and cannot be mapped.
        content = torch.load(path, map_location='cpu', weights_only=True, mmap=zipped)
    check_nesting(content, osp.getsize(path))
    _check_tensors(content, set())
    return content


def _refuse_compressed(path: str) -> None:
    """Refuses archives that are compressed, as none of torch is: they could fill the memory."""
    with zipfile.ZipFile(path) as archive:
        size = sum(item.file_size for item in archive.infolist())
    if size > osp.getsize(path):
        raise pickle.UnpicklingError(
            f'it asks for {size:,} bytes of memory out of {osp.getsize(path):,}, which no file '
            'of torch needs')


def _check_tensors(item: Any, seen: set) -> None:
    """Raises for the first tensor that is not a plain one, or that is larger than what it is a view of."""
    if isinstance(item, Tensor):
        plain = item.layout is torch.strided and not item.is_quantized and not item.is_nested
        if not plain or item.device.type != 'cpu':
            raise pickle.UnpicklingError(f'a tensor of the kind {item.layout} on "{item.device}", no plain one')
        # A view of few numbers may say that it has billions.
        if item.numel() * item.element_size() > max(item.untyped_storage().nbytes(), 2**20):
            raise pickle.UnpicklingError(f'a tensor of the shape {tuple(item.shape)}, larger than its '
                                         f'{item.untyped_storage().nbytes()} bytes')
    elif isinstance(item, (dict, list, tuple)) and id(item) not in seen:
        seen.add(id(item))
        for part in item.values() if isinstance(item, dict) else item:
            _check_tensors(part, seen)
