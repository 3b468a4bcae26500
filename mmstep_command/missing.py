"""What of the stack is missing, and what a person who has installed mmstep by pip does about it."""
import importlib.util
import sys
from pathlib import Path
from typing import List, Sequence

# Module -> name of the distribution.
STACK = {'torch': 'torch', 'mmengine': 'mmengine', 'mmcv': 'mmcv', 'mmdet': 'mmdet', 'mmaction': 'mmaction2'}


def missing_stack() -> List[str]:
    """Looks, without importing anything, for the packages that every subcommand needs.

    Returns:
        list[str]: Distributions that are not installed.
    """
    return [name for module, name in STACK.items() if importlib.util.find_spec(module) is None]


def explain_missing(names: Sequence[str]) -> str:
    """Says what to do about missing packages.

    Args:
        names (Sequence[str]): Distributions.

    Returns:
        str: A message for people.
    """
    verb = 'is' if len(names) == 1 else 'are'
    return (
        f'{", ".join(names)} {verb} not installed in the environment of {sys.executable}.\n'
        'pip alone does not bring them: mmcv has to be built against the torch in place, and the others ask for an '
        'OpenCV that does not go with it.\n'
        f'To install them, which takes a few minutes:  {set_up_command()}')


def set_up_command() -> str:
    """How the stack is set up: in a clone by its script, elsewhere by ``mmstep setup``.

    Returns:
        str: The command.
    """
    clone = Path(__file__).resolve().parents[1]
    return f'bash {clone / "tools/setup_env.sh"}' if (clone / 'tools/setup_env.sh').is_file() else 'mmstep setup'
