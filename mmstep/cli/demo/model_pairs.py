"""The models of a command line: configs, each with its checkpoint or without one."""
import os.path as osp
from typing import List, Optional, Sequence, Tuple

# Of files that hold weights; a config ends with .py, and the name of a model has no ending.
WEIGHTS = ('.pth', '.pt', '.ckpt', '.pkl', '.safetensors', '.onnx')


def pair_models(words: Sequence[str]) -> Optional[List[Tuple[str, Optional[str]]]]:
    """Puts configs and checkpoints together.

    Args:
        words (Sequence[str]): Configs or names of models, a checkpoint behind each of them that needs one.

    Returns:
        list[tuple[str, str or None]]: Config and checkpoint of each model; None if a checkpoint has no config.

    Example:
        >>> pair_models(['early.py', 'early.pth', 'late.py'])
        [('early.py', 'early.pth'), ('late.py', None)]
    """
    pairs: List[Tuple[str, Optional[str]]] = []
    for word in words:
        if not _is_weights(word):
            pairs.append((word, None))
        elif pairs and pairs[-1][1] is None:
            pairs[-1] = (pairs[-1][0], word)
        elif word.endswith('.onnx'):  # which holds its config
            pairs.append((word, word))
        else:
            return None
    return pairs


def _is_weights(word: str) -> bool:
    """Whether a word is a file or an address of weights."""
    return word.endswith(WEIGHTS) or '://' in word or (osp.isfile(word) and not word.endswith('.py'))
