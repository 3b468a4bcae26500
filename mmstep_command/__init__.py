"""The command ``mmstep``: which subcommands there are, and what starts without the OpenMMLab stack.

``import mmstep`` registers every component, which takes seconds and needs the whole stack. So the command is a package
of its own: ``mmstep --help`` answers at once, and ``mmstep setup`` works where nothing but mmstep itself is installed.
What a subcommand does is in :mod:`mmstep.cli`.
"""
from .main import main

__all__ = ['main']
