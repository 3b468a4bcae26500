"""The two namings of I3D's Kinetics weights.

``conv3d_1a_7x7.batch3d.weight``, ``mixed_3b.branch_1.0.conv3d.weight`` are also the names of
:class:`~mmstep.models.InceptionI3D`. ``Conv3d_1a_7x7.bn.weight``, ``Mixed_3b.b1a.conv3d.weight`` come from a network
with batch norm at eps 1e-3 and TensorFlow's padding; to compute the same, a config has to say so.
"""
from typing import Iterable, List, Mapping, Optional, Set

from torch import Tensor

from .renaming import Renamed, Rules, rename

LOWER, UPPER = 'branch_N', 'bN'

_BRANCHES = {'b0': '0', 'b1a': '1.0', 'b1b': '1.1', 'b2a': '2.0', 'b2b': '2.1', 'b3b': '3.1'}
_SAME: Rules = [(r'((?:conv3d|mixed)_.*)', r'\1')]
# The 400 classes of Kinetics, which no detector has.
_CLASSIFIER = r'(?:conv3d_0c_1x1|logits)\..*'
# What the weights of a naming were made with.
_EPS = {LOWER: 1e-5, UPPER: 1e-3}
_PADDING = {LOWER: 'fixed', UPPER: 'same'}


def _upper_rules() -> Rules:
    part = {'conv3d': 'conv3d', 'bn': 'batch3d'}
    layers = {name: name.lower() for name in ('Conv3d_1a_7x7', 'Conv3d_2b_1x1', 'Conv3d_2c_3x3')}
    blocks = {f'Mixed_{name}': f'mixed_{name}' for name in ('3b', '3c', '4b', '4c', '4d', '4e', '4f', '5b', '5c')}
    layers.update({
        rf'{theirs}\.{branch}': f'{ours}.branch_{number}'
        for theirs, ours in blocks.items()
        for branch, number in _BRANCHES.items()
    })
    return [(rf'{theirs}\.{kind}\.(\w+)', rf'{ours}.{new_kind}.\1') for theirs, ours in layers.items()
            for kind, new_kind in part.items()]


_UPPER_RULES = _upper_rules()


def i3d_kind(names: Iterable[str]) -> Optional[str]:
    """Tells which naming of I3D the names follow.

    Args:
        names (Iterable[str]): Names of weights, of the whole network or a part of it.

    Returns:
        str or None: :data:`LOWER`, :data:`UPPER`, or None if it is no I3D.

    Examples:
        >>> i3d_kind(['Mixed_5b.b0.bn.weight'])
        'bN'
    """
    for name in names:
        if name.startswith(('Conv3d_1a_7x7.', 'Mixed_')):
            return UPPER
        if name.startswith(('conv3d_1a_7x7.', 'mixed_')):
            return LOWER
    return None


def i3d_settings(kind: str) -> str:
    """The settings of :class:`~mmstep.models.InceptionI3D` with which the weights of a naming were trained.

    Args:
        kind (str): What :func:`i3d_kind` returns.

    Returns:
        str: Arguments as they stand in a config.
    """
    return f"norm_cfg=dict(type='BN3d', eps={_EPS[kind]:.0e}), padding='{_PADDING[kind]}'".replace('e-0', 'e-')


def i3d_remarks(names: Iterable[str], eps: Set[float], padding: Set[str]) -> List[str]:
    """Compares the settings of a module with those with which the weights were made.

    Args:
        names (Iterable[str]): Names of the weights.
        eps (set[float]): Eps of the module's batch norm.
        padding (set[str]): Padding of its layers.

    Returns:
        list[str]: A sentence if they differ, else nothing; nothing either if the weights are no I3D.
    """
    kind = i3d_kind(names)
    if kind is None or (eps <= {_EPS[kind]} and padding <= {_PADDING[kind]}):
        return []
    return [f'these weights were made with {i3d_settings(kind)}; with other settings results differ a little']


def is_other_i3d(names: Iterable[str]) -> bool:
    """Whether the names are I3D's, but not those of :class:`~mmstep.models.InceptionI3D`.

    Args:
        names (Iterable[str]): Names of weights.

    Returns:
        bool: True for :data:`UPPER`.
    """
    return i3d_kind(names) == UPPER


def i3d_from_file(weights: Mapping[str, Tensor]) -> Renamed:
    """Gives I3D weights of either naming the names of :class:`~mmstep.models.InceptionI3D`.

    Args:
        weights (Mapping[str, Tensor]): Names of the file -> weights; the classifier of Kinetics may be among them.

    Returns:
        Renamed: The weights; the classifier is left out.
    """
    return rename(weights, _UPPER_RULES if i3d_kind(weights) == UPPER else _SAME, leave_out=_CLASSIFIER)
