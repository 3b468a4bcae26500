"""Reading weight files of other projects: what they hold besides weights is named, never executed."""
import pickle
import re
from typing import Any, List, NamedTuple

import torch

from .checkpoint import open_checkpoint
from .trust import load_weights_only

# More kinds of objects than any training state has.
MAX_FOREIGN = 100


class ForeignFile(NamedTuple):
    """What a file holds.

    Attributes:
        content (Any): As it was saved, but with an inert stand-in wherever there was an object that is not allowed.
        foreign (list[str]): Names of these objects' classes or functions, such as 'argparse.Namespace'.
    """
    content: Any
    foreign: List[str]


def read_foreign(path: str) -> ForeignFile:
    """Reads a weight file of any origin with ``weights_only``.

    PyTorch refuses a file at the first class that it does not know. Here each such class gets a stand-in that ignores
    whatever it is called with, so that the weights beside it can be read; none of its code is looked up or run.

    Args:
        path (str): A local file that ``torch.save`` wrote, of any release of torch.

    Returns:
        ForeignFile: The content.

    Raises:
        LaunchError: If the file does not exist, is empty, cut off, or no file of torch, or asks for what no weight
            file needs.
    """
    foreign: List[str] = []
    return ForeignFile(open_checkpoint(path, lambda name: _load(name, foreign)), foreign)


def _load(path: str, foreign: List[str]) -> Any:
    """Loads with stand-ins, one more each time that PyTorch stops at a class; their names go into ``foreign``."""
    while True:
        try:
            with torch.serialization.safe_globals([(_make_stand_in(name), name) for name in foreign]):
                return load_weights_only(path)
        except pickle.UnpicklingError as error:
            found = re.search(r'Unsupported global: GLOBAL (\S+) was not', str(error))
            name = found and (found[1] if '.' in found[1] else f'builtins.{found[1]}')
            if name is None or name in foreign or len(foreign) == MAX_FOREIGN:
                raise
            foreign.append(name)


class StandIn:
    """Takes the place of a class or function of a file; whatever is done to it has no effect."""

    name = ''

    def __new__(cls, *args, **kwargs) -> 'StandIn':
        """Ignores the arguments."""
        return super().__new__(cls)

    def __init__(self, *args, **kwargs) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        """Ignores the state."""

    def __repr__(self) -> str:
        return f'<{self.name}, not loaded>'


def _make_stand_in(name: str) -> type:
    return type('StandIn', (StandIn, ), dict(name=name))
