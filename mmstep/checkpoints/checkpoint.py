"""Reading checkpoints for people: what is wrong with a file, and whether it fits the model."""
import errno
import os
import os.path as osp
import pickle
import re
from collections import Counter
from glob import escape, glob
from typing import Any, Callable, Dict, List

import torch
from mmengine.logging import print_log
from mmengine.runner.checkpoint import CheckpointLoader
from torch import nn

from mmstep.errors import LaunchError
from mmstep.utils.quoting import one_line
from .difference import Match, compare_weights
from .trust import load_weights_only
from .unwrapping import found_by_mmengine, unwrap

SHOWN = 5


def read_checkpoint(path: str) -> dict:
    """Opens a checkpoint without running code from it; weights of local files are mapped, not read.

    Args:
        path (str): A file, or an address that MMEngine can download (``https://``, ``openmmlab://`` ...).

    Returns:
        dict: The checkpoint.

    Raises:
        LaunchError: If the file does not exist, is empty, cut off or no checkpoint, or holds objects other than
            weights and MMEngine's own records.
    """
    if '://' in path:
        checkpoint = CheckpointLoader.load_checkpoint(path, map_location='cpu')
    else:
        checkpoint = open_checkpoint(osp.expanduser(path))
    if unwrap(checkpoint) is None:
        raise LaunchError(f'{path} is no checkpoint: it holds no state_dict of tensors, but {_describe(checkpoint)}.')
    return checkpoint


def open_checkpoint(path: str, load: Callable[[str], Any] = load_weights_only) -> Any:
    """Opens a local file and says what is wrong with it.

    Args:
        path (str): The file.
        load (Callable): What reads it. Defaults to :func:`load_weights_only`.

    Returns:
        Any: What ``load`` returns.

    Raises:
        LaunchError: See :func:`read_checkpoint`.
    """
    if not osp.isfile(path):
        there = sorted(glob(osp.join(escape(osp.dirname(path) or '.'), '*.pth')))
        hint = f' In its folder are: {", ".join(osp.basename(p) for p in there)}.' if there else ''
        raise LaunchError(f'The checkpoint {path} does not exist.{hint}')
    if osp.getsize(path) == 0:
        raise LaunchError(f'The checkpoint {path} is empty (0 bytes).')
    try:
        return load(path)
    except pickle.UnpicklingError as error:
        reason = _reason(error)
        asked = re.search(r'unsupported GLOBAL (\S+) whose module', reason) or re.match(
            r'it asks for (.*), (?:and only|which no)|(Can only .*)', reason)
        if asked:
            what = asked[1] or f'a forbidden step ({asked[2]})'
            raise LaunchError(f'{path} asks for {what}, which no weight file needs and which can harm this machine. '
                              'Nothing was run. Do not load this file with anything else.') from error
        foreign = re.search(r'Unsupported (?:global: GLOBAL|class) (\S+)', reason)
        if foreign:
            raise LaunchError(
                f'{path} holds Python objects besides weights ({foreign[1]}). They are not loaded, because loading '
                'them can run any program. To write its weights alone into a new file, without running anything: '
                'python -c "import torch; from mmstep.checkpoints import read_foreign, unwrap; torch.save(dict('
                f"state_dict=unwrap(read_foreign('{path}').content)), 'weights.pth')\"") from error
        raise _damaged(path, error) from error
    except OSError as error:
        # What is wrong with the file's content has no number; to seek before the begin of a cut one is invalid.
        if error.errno in (None, errno.EINVAL):
            raise _damaged(path, error) from error
        raise LaunchError(f'The checkpoint {path} cannot be read: {error.strerror}.') from error
    except Exception as error:  # of a damaged file anything, OverflowError and MemoryError included
        raise _damaged(path, error) from error


def _damaged(path: str, error: Exception) -> LaunchError:
    return LaunchError(f'{path} cannot be read as a checkpoint ({os.path.getsize(path)} bytes): it was cut off while '
                       f'being written or copied, or is another kind of file ({_reason(error)}).')


def _reason(error: Exception) -> str:
    """What stopped the unpickler, in a line; PyTorch puts advice around it to load the file without any protection."""
    text = str(error).rpartition('WeightsUnpickler error:')[2].strip()
    text = text.partition(' This is an internal miniz error')[0]
    lines = [line.strip() for line in text.splitlines() if line.strip() and 'weights_only' not in line]
    return one_line(lines[0].removeprefix('Weights only load failed. '), 200) if lines else type(error).__name__


def _describe(content) -> str:
    if isinstance(content, dict):
        return f'a dict with the keys {", ".join(map(one_line, list(content)[:SHOWN])) or "(none)"}'
    return f'an object of type {type(content).__name__}'


def match_weights(model: nn.Module, checkpoint: dict) -> Match:
    """Compares the names and shapes of a checkpoint's weights with those of a model.

    Args:
        model (nn.Module): The model, wrapped in DistributedDataParallel or not.
        checkpoint (dict): What :func:`read_checkpoint` returns.

    Returns:
        Match: Names of what fits and what does not. Counters of batch norm may be missing, as in MMEngine.
    """
    return compare_weights(_bare(model), unwrap(checkpoint) or {})


def _bare(model: nn.Module) -> Dict[str, torch.Tensor]:
    return {name.removeprefix('module.'): value for name, value in model.state_dict().items()}


def require_found_by_runner(checkpoint: dict, path: str) -> None:
    """Refuses a file whose weights MMEngine's Runner, which opens it again by itself, would not find.

    Args:
        checkpoint (dict): What :func:`read_checkpoint` returns.
        path (str): Name of the file, for the message.

    Raises:
        LaunchError: With what to do.
    """
    if not found_by_mmengine(checkpoint):
        raise LaunchError(f'{path} keeps its weights where MMEngine does not look: it holds {_describe(checkpoint)}. '
                          "Write them as MMEngine does: python -c \"import torch; from mmstep.checkpoints import "
                          f"read_checkpoint, unwrap; torch.save(dict(state_dict=unwrap(read_checkpoint('{path}'))), "
                          "'weights.pth')\"")


def require_whole(model: nn.Module, checkpoint: dict, path: str, config: str) -> None:
    """Refuses a checkpoint that does not fill the model exactly.

    MMEngine loads what fits, warns, and would test a partly random model.

    Args:
        model (nn.Module): The model that the config builds.
        checkpoint (dict): What :func:`read_checkpoint` returns.
        path (str): Name of the file, for the message.
        config (str): Name of the config, for the message.

    Raises:
        LaunchError: With the number and the first names of the parameters that are missing, left over or of another
            shape, and what the file seems to hold.
    """
    match = match_weights(model, checkpoint)
    if match.whole:
        return
    held = unwrap(checkpoint) or {}
    lines = [f'The checkpoint {path} is not one of the model in {config}.']
    lines += _list('parameters of the model are not in the file', match.missing)
    lines += _list('weights in the file are not in the model', match.unexpected)
    lines += _list('weights have another shape', _shapes(match.reshaped, held, model))
    lines.append(f'The file holds {_summarise(held)}.')
    lines.append('Use the config with which it was trained (a copy lies next to the checkpoint).')
    raise LaunchError('\n'.join(lines))


def report_initialisation(model: nn.Module, checkpoint: dict, path: str) -> None:
    """Logs what ``load_from`` gives a model that is about to be trained, and what it leaves as initialised.

    Args:
        model (nn.Module): The model.
        checkpoint (dict): What :func:`read_checkpoint` returns.
        path (str): Name of the file, for the message.

    Raises:
        LaunchError: If not one weight fits.
    """
    match = match_weights(model, checkpoint)
    held = unwrap(checkpoint) or {}
    if not match.loaded:
        raise LaunchError(f'Nothing in {path} (load_from) fits the model. The file holds {_summarise(held)}; '
                          f'the model has {_summarise(_bare(model))}.')
    lines = [f'load_from {path}: {len(match.loaded)} weights loaded: {_count_parts(match.loaded)}']
    lines += _list('parameters of the model keep their own initialisation', match.missing)
    lines += _list('weights in the file are not used', match.unexpected)
    lines += _list('weights have another shape and are not used', _shapes(match.reshaped, held, model))
    print_log('\n'.join(lines), logger='current')


def _shapes(names: List[str], held: Dict[str, torch.Tensor], model: nn.Module) -> List[str]:
    wanted = _bare(model)
    return [f'{name} {tuple(held[name].shape)} (the model has {tuple(wanted[name].shape)})' for name in names]


def _list(what: str, names: List[str]) -> List[str]:
    if not names:
        return []
    more = [f'    ... and {len(names) - SHOWN} more'] if len(names) > SHOWN else []
    return [f'  {len(names)} {what} ({_count_parts(names)}):', *(f'    {name}' for name in names[:SHOWN]), *more]


def _count_parts(names: List[str]) -> str:
    """Counts names by part: 'backbone.conv.weight' and 'backbone.conv.bias' are 'backbone 2'."""
    parts = Counter('.'.join(part for part in name.split('.')[:-1][:2]) or name.split('.')[0] for name in names)
    if len(parts) > SHOWN:
        parts = Counter(name.split('.')[0] for name in names)
    return ', '.join(f'{part} {count}' for part, count in parts.most_common(SHOWN))


def _summarise(weights: Dict[str, torch.Tensor]) -> str:
    total = sum(value.numel() for value in weights.values())
    return f'{len(weights)} weights, {total / 1e6:.2f} M numbers, by name: {_count_parts(list(weights))}'
