"""Finding the newest checkpoint from which a training can go on."""
import logging
import os
import os.path as osp
import zipfile
import zlib
from glob import escape, glob
from typing import Optional, Tuple

from mmengine.logging import print_log

from mmstep.errors import LaunchError
from .checkpoint import read_checkpoint
from .finite import list_nonfinite, shorten


def read_resumable(path: str) -> dict:
    """Opens a checkpoint from which a training is to go on, and reads every byte of it.

    Args:
        path (str): The file, or an address that MMEngine can download.

    Returns:
        dict: The checkpoint.

    Raises:
        LaunchError: If it cannot be read, a checksum in it is wrong, it holds no state of an optimizer, or a weight
            or a number of the optimizer is not finite.
    """
    checkpoint = read_checkpoint(path)
    damaged = _find_damage(path)
    if damaged:
        raise LaunchError(
            f'{path} is damaged: the checksum of {damaged} in it is wrong; bits were flipped on the disk '
            'or while it was copied.')
    if 'optimizer' not in checkpoint:
        raise LaunchError(f'{path} holds no state of an optimizer, so no training can go on from it. It can be a '
                          'beginning: --load-from.')
    bad = list_nonfinite({key: checkpoint.get(key) for key in ('state_dict', 'optimizer')})
    if bad:
        raise LaunchError(
            f'{path} holds numbers that are not finite ({len(bad)} tensors: {shorten(bad)}): the training '
            'had failed before it was written.')
    return checkpoint


def _find_damage(path: str) -> Optional[str]:
    """Name of the first member of the archive whose checksum is wrong."""
    path = osp.expanduser(path)
    if not osp.isfile(path) or not zipfile.is_zipfile(path):  # an address, or torch's old format: no checksums
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        return f'its table of contents ({error})'


def _age(path: str) -> Tuple[int, float]:
    """Sorts the newest checkpoint first: by its iteration, for the times of a copied folder are those of copying."""
    try:
        iteration = (read_checkpoint(path).get('meta') or {}).get('iter', 0)
    except LaunchError:  # it is reported when its turn comes, before the others
        return -2**62, -os.path.getmtime(path)
    return -iteration, -os.path.getmtime(path)


def find_resumable(work_dir: str) -> Optional[str]:
    """Finds the newest checkpoint of a run that is sound.

    ``last_checkpoint`` is asked first. Should the file that it names be damaged, hold numbers that are not finite or
    be gone, the newest one in the folder that is sound and holds the optimizer's state is taken; a warning says why.

    Args:
        work_dir (str): Folder of the run.

    Returns:
        str or None: Path of the checkpoint; None if there is nothing to resume.
    """
    # The best checkpoint holds no state of an optimizer.
    files = [path for path in glob(osp.join(escape(work_dir), '*.pth')) if not osp.basename(path).startswith('best_')]
    files.sort(key=_age)
    pointer = osp.join(work_dir, 'last_checkpoint')
    if osp.isfile(pointer):
        with open(pointer, encoding='utf-8', errors='replace') as file:
            named = file.read().strip()
        # A copied folder goes on from its own file, whatever the path says.
        own = osp.join(work_dir, osp.basename(named))
        named = own if osp.isfile(own) or not osp.isabs(named) else named
        if osp.basename(named):
            files = [named] + [path for path in files if path != named]
    for path in files:
        try:
            read_resumable(path)
        except LaunchError as error:
            print_log(f'{error}\nTrying the one before it.', logger='current', level=logging.WARNING)
            continue
        return path
    return None
