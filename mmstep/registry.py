"""Lets other people's configs name mmstep's: ``_base_ = 'mmstep::step/step_i3d_ava.py'``, ``mmengine.hub.get_config``.

MMEngine looks for such a config in the installed package's ``.mim`` folder (a wheel has one) and marks what it reads
with the scope ``mmstep``. A registry of that scope below each of MMAction2's makes every name resolve there as it does
in the scope ``mmaction``, in which mmstep's components are registered.
"""
import mmaction.registry
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.registry import Registry

SCOPE = 'mmstep'

# The packages whose configs MMEngine reads are a fixed list, of module -> distribution.
MODULE2PACKAGE.setdefault(SCOPE, SCOPE)

REGISTRIES = {
    name: Registry(parent.name, parent=parent, scope=SCOPE, locations=[SCOPE])
    for name, parent in vars(mmaction.registry).items() if isinstance(parent, Registry) and parent.scope == 'mmaction'
}
