"""mmstep: STEP video action detection as registered MMAction2 components.

Importing the package registers everything, so a config needs only
``custom_imports = dict(imports=['mmstep'], allow_failed_imports=False)``.
"""
from .compat import apply_compat
from .version import __version__

apply_compat()

from . import apis, datasets, engine, evaluation, models, registry, structures, visualization  # noqa: E402, F401, I001

__all__ = ['__version__']
