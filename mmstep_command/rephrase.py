"""What a message of a tool says to somebody who has the command and no clone."""
import re

from .subcommands import SUBCOMMANDS

# Not in the middle of somebody's path.
TOOL = re.compile(r'(?<![\w./-])(?:python )?(tools|demo)/([\w/]+)\.py\b')


def rephrase(text: str) -> str:
    """Names subcommands where a message names the files of a clone.

    Args:
        text (str): A message.

    Returns:
        str: The same with ``mmstep train`` for ``python tools/train.py``. Tools that are no subcommand stay.

    Examples:
        >>> rephrase('python tools/data/check_dataset.py CONFIG lists all faults')
        'mmstep check CONFIG lists all faults'
    """
    names = {item.module: name for name, item in SUBCOMMANDS.items()}

    def replace(found: 're.Match[str]') -> str:
        module = ('mmstep.cli.demo.' if found[1] == 'demo' else 'mmstep.cli.') + found[2].replace('/', '.')
        return f'mmstep {names[module]}' if module in names else found[0]

    return TOOL.sub(replace, text)
