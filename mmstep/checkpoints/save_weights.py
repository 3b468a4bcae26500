"""What the tools that convert weight files share: where to write, and writing all or nothing."""
import os.path as osp
from typing import Dict

import torch
from torch import Tensor

from mmstep.errors import LaunchError
from mmstep.utils import AtomicFile, refuse_overwriting
from mmstep.utils.atomic_file import unwritable


def check_output(source: str, out: str) -> None:
    """Refuses an output that cannot be written, before any work is done.

    Args:
        source (str): The file that is read.
        out (str): The file that is to be written.

    Raises:
        LaunchError: If ``out`` is the source or a folder, or its folder does not exist or cannot be written to.
    """
    folder = osp.dirname(out) or '.'
    refuse_overwriting([out], [source])
    if osp.isdir(out):
        raise LaunchError(f'{out} is a folder; give the name of a file in it.')
    if not osp.isdir(folder):
        raise LaunchError(f'The folder {folder} does not exist. Make it first: mkdir -p {folder}')
    why_not = unwritable(folder)
    if why_not:
        raise LaunchError(f'{out} cannot be written: {why_not}.')


def save_weights(out: str, weights: Dict[str, Tensor], meta: dict, half: bool = False) -> None:
    """Writes a checkpoint that MMEngine loads, whole or not at all.

    Args:
        out (str): The file.
        weights (dict[str, Tensor]): The state dict. Each weight is written by itself and in float32, whatever it was a
            view of.
        meta (dict): Plain values that say where the weights are from.
        half (bool): Whether to write kernels in float16, which is half the size; vectors (biases, statistics of batch
            norm) cost nothing and stay float32. A model that loads them computes in its own type. Defaults to False.

    Raises:
        LaunchError: If the file cannot be written, or a weight is too large for float16.
    """
    state = {name: _plain(name, value, half) for name, value in weights.items()}
    with AtomicFile(out) as name:
        torch.save(dict(meta=meta, state_dict=state), name)


def _plain(name: str, value: Tensor, half: bool) -> Tensor:
    if value.is_floating_point():
        small = half and value.dim() > 1
        if small and value.abs().max() > torch.finfo(torch.float16).max:
            raise LaunchError(
                f'{name} has values over {torch.finfo(torch.float16).max:.0f}, which float16 cannot hold.')
        value = value.half() if small else value.float()
    return value.clone(memory_format=torch.contiguous_format)
