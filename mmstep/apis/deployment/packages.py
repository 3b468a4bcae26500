"""Packages that only some need."""
import importlib
from types import ModuleType

from mmstep.errors import LaunchError


def require_package(name: str, extra: str) -> ModuleType:
    """Imports a package that an extra of mmstep brings.

    Args:
        name (str): Name of the package.
        extra (str): Name of the extra.

    Returns:
        ModuleType: The package.

    Raises:
        LaunchError: If it is missing or broken; one line that names the extra.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        reason = 'is not installed' if isinstance(error, ModuleNotFoundError) and error.name == name else \
            f'cannot be imported ({str(error).splitlines()[0]})'
        raise LaunchError(f'the package {name} {reason}. Install it: pip install "mmstep[{extra}]", or in the source '
                          f'tree pip install -r tools/requirements/{extra}.txt') from error
