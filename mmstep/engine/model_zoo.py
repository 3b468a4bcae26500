"""Models by name: what the metafiles list, in the source tree or in an installed package."""
import difflib
import os.path as osp
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from mmengine.fileio import load

from mmstep.errors import LaunchError

INDEX = 'model-index.yml'
WEIGHTS = 'weights'  # folder in the package


def zoo_folder() -> str:
    """Finds the folder that holds ``configs`` and the model index.

    Returns:
        str: The top of the source tree, or ``mmstep/.mim`` of an installed package.

    Raises:
        LaunchError: If there is neither.
    """
    package = osp.dirname(osp.dirname(osp.abspath(__file__)))
    for folder in (osp.dirname(package), osp.join(package, '.mim')):
        if osp.isfile(osp.join(folder, INDEX)) and osp.isdir(osp.join(folder, 'configs', 'step')):
            return folder
    raise LaunchError(f'mmstep in {package} lists no models: neither the folder around it nor {package}/.mim holds '
                      f'{INDEX} and configs/step. Give the path of a config, or install mmstep again')


def _entries() -> Dict[str, dict]:
    folder = zoo_folder()
    files = load(osp.join(folder, INDEX))['Import']
    return {model['Name']: model for file in files for model in load(osp.join(folder, file))['Models']}


def packaged_weights(model: str) -> Optional[str]:
    """Finds the weights of a model that are part of the package.

    Args:
        model (str): Name of the model, or its config's file.

    Returns:
        str or None: The checkpoint; None for a model without one, and for a config that is not one of the metafiles.
    """
    folder = osp.join(osp.dirname(osp.dirname(osp.abspath(__file__))), WEIGHTS)
    held = {path.stem.lower(): str(path) for path in sorted(Path(folder).glob('*.pth'))}
    if not model.endswith('.py') and not osp.dirname(model):
        return held.get(model.lower())
    found = held.get(Path(model).stem.lower())
    own = found and osp.join(zoo_folder(), 'configs', 'step', f'{Path(found).stem}.py')
    return found if own and osp.realpath(own) == osp.realpath(model) else None


def list_models(with_weights: Optional[bool] = None) -> List[str]:
    """Names of the models that :func:`find_model` knows, in the order of the metafiles.

    Args:
        with_weights (bool, optional): True for those that detect at once, because weights come with them or are
            published; False for those that have to be trained first. Defaults to all.

    Raises:
        LaunchError: See :func:`zoo_folder`.
    """
    entries = _entries()
    return [name for name in entries if with_weights in (None, _weights(entries[name]) is not None)]


def _weights(entry: dict) -> Optional[str]:
    return packaged_weights(entry['Name']) or entry.get('Weights') or None


def find_model(name: str) -> Tuple[str, Optional[str]]:
    """Looks a model up by its name in the metafiles; small and capital letters are the same.

    Args:
        name (str): For instance 'step_i3d_ava'.

    Returns:
        tuple[str, str or None]: Path of the config; file of the weights that come with mmstep or address of those that
        are published, None if there are none.

    Raises:
        LaunchError: If there is no such model.
    """
    entries = {key.lower(): entry for key, entry in _entries().items()}
    entry = entries.get(name.lower())
    if entry is None:
        near = difflib.get_close_matches(name.lower(), entries, n=3, cutoff=0.5)
        hint = f'Did you mean {", ".join(near)}?' if near else f'There are: {", ".join(entries)}'
        raise LaunchError(f'{name!r} is neither a config file nor the name of a model. {hint}')
    return osp.join(zoo_folder(), entry['Config']), _weights(entry)
