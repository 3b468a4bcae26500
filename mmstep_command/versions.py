"""Versions of mmstep and of the stack, for ``mmstep --version``."""
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from .missing import STACK


def versions() -> str:
    """Lists the versions without importing the packages.

    Returns:
        str: A line for each package; '-' for one that is not installed.
    """
    lines = [f'python     {platform.python_version()}  ({sys.executable})']
    for name in ('mmstep', *STACK.values()):
        try:
            found = version(name)
        except PackageNotFoundError:
            found = '-'
        lines.append(f'{name:<10} {found}')
    return '\n'.join(lines)
